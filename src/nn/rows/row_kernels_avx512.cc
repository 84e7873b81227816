#if defined(__x86_64__)
#include "nn/rows/row_kernel.h"

namespace netdissect {
namespace {

// 24 of the 32 registers hold sums whatever the width.
void AnyPanel(const KernelCall& call, int vectors, const float* panel, const float* bias,
              float* out, int columns) {
  switch (vectors) {
    case 1:
      return Panel<12, 1>(call, panel, bias, out, columns);
    case 2:
      return Panel<12, 2>(call, panel, bias, out, columns);
    case 3:
      return Panel<8, 3>(call, panel, bias, out, columns);
    default:
      return Panel<6, 4>(call, panel, bias, out, columns);
  }
}

}  // namespace

const RowKernels& Avx512Kernels() {
  static const RowKernels kernels = KernelsWith("avx512", 4, AnyPanel);
  return kernels;
}

}  // namespace netdissect
#endif
