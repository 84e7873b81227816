#pragma once
// NumPy's array format, version 1.0: little-endian float32, C order.

#include <cstdint>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<float> values;  // C order
};

void WriteNpy(const Path& path, const std::vector<int64_t>& shape, const float* values);
NpyArray ReadNpy(const Path& path);

}  // namespace netdissect
