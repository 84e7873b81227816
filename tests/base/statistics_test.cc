#include "base/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace netdissect {
namespace {

// Newcombe (1998), Table I.
TEST(WilsonInterval, IsThatOfTheLiterature) {
  const struct {
    int64_t count, total;
    double low, high;
  } known[] = {{81, 263, 0.2553, 0.3662},
               {15, 148, 0.0624, 0.1605},
               {0, 20, 0.0, 0.1611},
               {1, 29, 0.0061, 0.1718}};
  for (const auto& k : known) {
    const ProportionInterval interval = WilsonInterval(k.count, k.total);
    EXPECT_NEAR(interval.low, k.low, 5e-5) << k.count;
    EXPECT_NEAR(interval.high, k.high, 5e-5) << k.count;
  }
}

// Its ends are the proportions that the observation is just not too far from.
TEST(WilsonInterval, EndsSolveTheScoreEquation) {
  for (int64_t total : {1, 7, 50, 1000}) {
    for (int64_t count = 0; count <= total; count += std::max<int64_t>(1, total / 7)) {
      const double p = static_cast<double>(count) / static_cast<double>(total);
      const ProportionInterval interval = WilsonInterval(count, total, 1.5);
      for (double end : {interval.low, interval.high}) {
        if (end <= 1e-12 || end >= 1 - 1e-12) continue;  // at 0 and 1 both sides are 0
        EXPECT_NEAR(std::abs(p - end),
                    1.5 * std::sqrt(end * (1 - end) / static_cast<double>(total)), 1e-9);
      }
      EXPECT_LE(interval.low, p);
      EXPECT_GE(interval.high, p);
    }
  }
}

TEST(WilsonInterval, OfNoneAndOfAllReachesTheEnd) {
  for (int64_t total = 1; total <= 2000; ++total) {
    EXPECT_EQ(WilsonInterval(0, total).low, 0) << total;
    EXPECT_EQ(WilsonInterval(total, total).high, 1) << total;
  }
}

TEST(WilsonInterval, OfNothingIsAnything) {
  EXPECT_EQ(WilsonInterval(0, 0).low, 0);
  EXPECT_EQ(WilsonInterval(0, 0).high, 1);
}

}  // namespace
}  // namespace netdissect
