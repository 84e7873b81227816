#pragma once
// Randomness as a function of the item, not of the order of work: the numbers depend on (seed,
// item) alone, so results do not depend on batch size, threads or shards.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace netdissect {

/// splitmix64's finaliser (Steele, Lea and Flood 2014): a bijection with good avalanche.
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// A stream of numbers that is fixed by a seed and the item's coordinates.
class Random {
 public:
  template <typename... Item>
  explicit Random(uint64_t seed, Item... item) : state_(Mix(seed)) {
    ((state_ = Mix(state_ ^ static_cast<uint64_t>(item))), ...);
  }
  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15ull); }
  /// Uniform in [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  /// Uniform in {0, ..., n - 1}.
  uint64_t Below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }
  /// Standard normal, by Box and Muller's transform.
  double Normal();

 private:
  uint64_t state_;
};

/// A permutation of the values, each as likely as another (Fisher and Yates 1938).
template <typename Value>
void Shuffle(std::vector<Value>& values, Random& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.Below(i)]);
}

}  // namespace netdissect
