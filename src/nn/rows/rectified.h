#pragma once
// Rectification of what a kernel has summed: for row_kernel.h and what it includes alone, private
// to the file that includes them.

#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"

namespace netdissect {
namespace {

inline Lanes Rectified(const Lanes& x, const Rectification& by) {
  const Lanes zero = {}, ceiling = Splat(by.ceiling);
  const Lanes y = x > zero ? x : by.slope * x;
  return y > ceiling ? ceiling : y;
}

inline float Rectified(float x, const Rectification& by) {
  const float y = x > 0 ? x : by.slope * x;
  return y > by.ceiling ? by.ceiling : y;
}

}  // namespace
}  // namespace netdissect
