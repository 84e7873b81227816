#include "base/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

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

// By scipy 1.10: stats.norm.isf(tail).
TEST(NormalQuantile, IsThatOfAnIndependentProgram) {
  const std::pair<double, double> known[] = {{0.025, 1.95996398454},
                                             {0.5, 0},
                                             {0.9, -1.28155156554},
                                             {0.0001, 3.71901648546},
                                             {1e-9, 5.99780701501}};
  for (const auto& [tail, quantile] : known) EXPECT_NEAR(NormalQuantile(tail), quantile, 1e-9);
}

// By scipy 1.10: sqrt(d / special.betaincinv(d / 2, 0.5, 2 * tail) - d), which loses digits where
// there are many degrees of freedom; the last is by stats.t.isf, and by Cornish and Fisher's series.
TEST(StudentQuantile, IsThatOfAnIndependentProgram) {
  const struct {
    double tail;
    int64_t degrees;
    double quantile;
  } known[] = {{0.025, 1, 12.706204736174707},     {0.025, 23, 2.0686576104190477},
               {2.5e-4, 6, 6.788339990341349},     {2.5e-5, 23, 4.971975073448684},
               {1e-4, 1, 3183.0987571181513},      {1e-5, 599, 4.299290332556526},
               {0.4, 3, 0.27667066233268994},      {0.6, 3, -0.27667066233268994},
               {0.025, 100000, 1.9599877075346097}};
  for (const auto& k : known) {
    EXPECT_NEAR(StudentQuantile(k.tail, k.degrees), k.quantile, 1e-10 * std::abs(k.quantile))
        << k.tail << " " << k.degrees;
  }
}

// Of one degree it is Cauchy's, whose tail is an arctangent; of two it is algebraic.
TEST(StudentTail, IsThatOfClosedForms) {
  for (const double t : {0.0, 0.1, 1.0, 3.0, 50.0, 1e4}) {
    EXPECT_NEAR(StudentTail(t, 1), std::atan2(1, t) / 3.14159265358979323846, 1e-12) << t;
    EXPECT_NEAR(StudentTail(t, 2), (1 - t / std::sqrt(2 + t * t)) / 2, 1e-12) << t;
  }
}

}  // namespace
}  // namespace netdissect
