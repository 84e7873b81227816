#pragma once
// Random choices as floats and ints, for drawing.

#include <cstddef>
#include <iterator>

#include "base/random.h"

namespace netdissect {

class Dice {
 public:
  explicit Dice(const Random& random) : random_(random) {}

  /// Uniform in [low, high).
  float Between(float low, float high) {
    return low + (high - low) * static_cast<float>(random_.Uniform());
  }
  bool Chance(float probability) { return random_.Uniform() < static_cast<double>(probability); }
  /// Uniform in {least, ..., most}.
  int Count(int least, int most) {
    return least + static_cast<int>(random_.Below(static_cast<uint64_t>(most - least + 1)));
  }
  float Sign() { return Chance(0.5f) ? 1.0f : -1.0f; }
  template <typename List>
  auto& Pick(const List& list) {
    return list[static_cast<size_t>(random_.Below(std::size(list)))];
  }
  /// A stream of its own for a part, so that what the part draws from it shifts nothing else.
  Dice Fork() { return Dice(Random(random_.Next())); }
  uint64_t Next() { return random_.Next(); }

 private:
  Random random_;
};

}  // namespace netdissect
