#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace netdissect {
namespace {

TEST(Mix, IsSplitmix64) {  // the first numbers of the published generator with seed 1234567
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15ull;
  const uint64_t expected[] = {6457827717110365317ull, 3203168211198807973ull,
                               9817491932198370423ull, 4593380528125082431ull};
  for (uint64_t i = 0; i < 4; ++i) EXPECT_EQ(Mix(1234567 + i * kStep), expected[i]);
}

TEST(Random, DependsOnSeedAndItemAlone) {
  EXPECT_EQ(Random(1, 2, 3).Next(), Random(1, 2, 3).Next());
  EXPECT_NE(Random(1, 2, 3).Next(), Random(2, 2, 3).Next());
  EXPECT_NE(Random(1, 2, 3).Next(), Random(1, 3, 2).Next());
  EXPECT_NE(Random(1, 2).Next(), Random(1, 2, 0).Next());
}

TEST(Random, BelowIsUniformAndInRange) {
  Random random(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60000; ++i) ++counts.at(random.Below(6));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 5 * 91);  // 5 standard deviations
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(Random, UniformAndNormalHaveTheirMoments) {
  Random random(11);
  constexpr int kCount = 200000;
  double sum = 0, normal_sum = 0, normal_squares = 0, normal_fourth = 0;
  for (int i = 0; i < kCount; ++i) {
    const double uniform = random.Uniform();
    ASSERT_TRUE(uniform >= 0 && uniform < 1);
    sum += uniform;
    const double normal = random.Normal();
    ASSERT_TRUE(std::isfinite(normal));
    normal_sum += normal;
    normal_squares += normal * normal;
    normal_fourth += std::pow(normal, 4);
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.004);
  EXPECT_NEAR(normal_sum / kCount, 0, 0.012);
  EXPECT_NEAR(normal_squares / kCount, 1, 0.02);
  EXPECT_NEAR(normal_fourth / kCount, 3, 0.15);
}

// Streams of neighbouring items must not be shifted copies of each other.
TEST(Random, NeighbouringItemsAreUncorrelated) {
  double product = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    product += (Random(3, i).Uniform() - 0.5) * (Random(3, i + 1).Uniform() - 0.5);
  }
  EXPECT_NEAR(product / kCount * 12, 0, 5 / std::sqrt(kCount));
}

}  // namespace
}  // namespace netdissect
