#pragma once
// Which instruction set's kernels run.

#include <cstdint>
#include <vector>

#include "nn/rows/row_kernels.h"

namespace netdissect {

/// Those that the environment's NETDISSECT_KERNELS names (avx512, avx2, portable), or else the
/// fastest that this processor runs. Error where it names no set, or one that cannot run here.
const RowKernels& Kernels();

/// The same for a given word; none: the fastest.
const RowKernels& ChooseKernels(const char* word);

/// All that this processor runs, the fastest first.
std::vector<const RowKernels*> SupportedKernels();

/// Largest rate of this processor's fused multiply-adds on one thread, in multiply-adds a second,
/// measured now with registers alone: the bound of any matrix product.
double MeasurePeakMultiplyAdds();

}  // namespace netdissect
