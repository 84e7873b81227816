#pragma once
// The two loops of counting masks, for the processor at hand. All compute the same bits: without
// fused multiply-add, as UnitMapScaler does.

#include <cstddef>
#include <cstdint>

namespace netdissect {

struct BitKernels {
  const char* name;
  /// Bit x of `out`: below[x] + weight * (above[x] - below[x]) > threshold, for 64 * words pixels.
  void (*threshold_row)(const float* below, const float* above, float weight, float threshold,
                        size_t words, uint64_t* out);
  /// Bits that are 1.
  int64_t (*count)(const uint64_t* a, size_t words);
  /// Bits that are 1 in both.
  int64_t (*count_both)(const uint64_t* a, const uint64_t* b, size_t words);
};

const BitKernels& PortableBitKernels();

/// The fastest that this processor runs.
const BitKernels& BestBitKernels();

}  // namespace netdissect
