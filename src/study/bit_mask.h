#pragma once
// Masks of one bit a pixel, for counting what two of them share: a row of W pixels is W / 64 words,
// rounded up, lowest bit first; bits beyond W are 0.

#include <cstdint>
#include <vector>

#include "probe/unit_map.h"

namespace netdissect {

/// Rows [first, end) of a mask; the others are 0.
struct BitMask {
  int first = 0, end = 0;
  int64_t area = 0;            // pixels that are 1
  std::vector<uint64_t> bits;  // (end - first) * WordsOf(width)
};

inline int WordsOf(int width) { return (width + 63) / 64; }

/// Pixels that are 1 in both masks, of `words` words a row.
int64_t CountBoth(const BitMask& a, const BitMask& b, int words);

/// The masks of one image's units: pixels whose scaled map is above a threshold. Bits are those of
/// UnitMapScaler's values compared one by one; rows of the map that are nowhere above the threshold
/// are not scaled, and values never leave the registers.
class UnitMasker {
 public:
  /// `scaler` must outlive the masker.
  explicit UnitMasker(const UnitMapScaler& scaler);

  void operator()(const float* map, float threshold, BitMask& mask);

 private:
  const float* Widened(const float* map, int row);

  const UnitMapScaler& scaler_;
  int words_;
  size_t stride_;            // floats of a widened row: whole words
  std::vector<float> wide_;  // widened rows of the current map
  std::vector<char> above_;  // rows with a value above the threshold
  std::vector<char> widened_;
};

}  // namespace netdissect
