#include "nn/rows/row_kernel.h"

namespace netdissect {
namespace {

// A vector of 16 is four registers of the baseline x86-64 and of most others.
void OnePanel(const KernelCall& call, int /*vectors*/, const float* panel, const float* bias,
              float* out, int columns) {
  Panel<2, 1>(call, panel, bias, out, columns);
}

}  // namespace

const RowKernels& PortableKernels() {
  static const RowKernels kernels = KernelsWith("portable", 1, OnePanel);
  return kernels;
}

}  // namespace netdissect
