#if defined(__x86_64__)
#include "nn/rows/row_kernel.h"

namespace netdissect {
namespace {

// A vector of 16 is two registers here: 6 x 2 of the 16 hold sums.
void OnePanel(const KernelCall& call, int /*vectors*/, const float* panel, const float* bias,
              float* out, int columns) {
  Panel<6, 1>(call, panel, bias, out, columns);
}

}  // namespace

const RowKernels& Avx2Kernels() {
  static const RowKernels kernels = KernelsWith("avx2", 1, OnePanel);
  return kernels;
}

}  // namespace netdissect
#endif
