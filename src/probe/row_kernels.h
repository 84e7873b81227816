#pragma once
// What the kernels of every instruction set look like from outside.

#include <cstddef>
#include <cstdint>

namespace netdissect {

/// See RowProduct for the fields.
struct KernelCall {
  const float* const* rows;
  int64_t count;
  int runs;
  int length;
  ptrdiff_t offset;
  ptrdiff_t stride;
  bool rectify;
  float slope;
};

struct RowKernels {
  const char* name;
  int most_vectors;  // widest panel, in vectors of 16 columns
  /// One panel of `vectors` * 16 columns, of which `columns` are wanted, into `out`.
  void (*panel)(const KernelCall&, int vectors, const float* panel, const float* bias, float* out,
                int columns);
  /// A few columns, weights [column][k].
  void (*dots)(const KernelCall&, const float* weights, const float* bias, float* out, int columns);
  int64_t (*peak)(int64_t iterations, float* sink);
};

const RowKernels& PortableKernels();
#if defined(__x86_64__)
const RowKernels& Avx2Kernels();
const RowKernels& Avx512Kernels();
#endif

}  // namespace netdissect
