#include "study/run_change.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/statistics.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

const PairedValues kEight = {{10, 12, 9, 14, 11, 13, 8, 15},
                             {11.2, 13.1, 9.4, 15.9, 11.3, 14.8, 9.1, 15.9}};

// n items of which each differs by noise of the deviation `noise` around `shift`.
PairedValues Noisy(int64_t n, double shift, double noise, Random& random) {
  PairedValues values;
  for (int64_t i = 0; i < n; ++i) {
    values.before.push_back(100 + 20 * random.Normal());
    values.after.push_back(values.before.back() + shift + noise * random.Normal());
  }
  return values;
}

// By scipy 1.10: stats.t.interval(0.95, 7, mean, stats.sem(d)). A bootstrap's standard error is
// itself known to 1 / sqrt(2 * 2000), 1.6%, of its own.
TEST(FindChanges, OneMeansIntervalIsStudents) {
  const Changes changes = FindChanges({kEight});
  const Change& change = changes.numbers[0];
  EXPECT_DOUBLE_EQ(change.before, 11.5);
  EXPECT_NEAR(change.after, 12.5875, 1e-12);
  EXPECT_EQ(change.items, 8);
  EXPECT_EQ(changes.differing, 1);
  const double low = 0.6073725016774579, high = 1.5676274983225422, half = (high - low) / 2;
  EXPECT_NEAR(change.low, low, 0.05 * half);
  EXPECT_NEAR(change.high, high, 0.05 * half);
  EXPECT_TRUE(change.changed);
}

TEST(FindChanges, IntervalsAllowForEveryNumberThatDiffers) {
  const PairedValues same = {{1, 2, 3, 4}, {1, 2, 3, 4}};
  const Changes one = FindChanges({kEight, same, same});
  EXPECT_EQ(one.differing, 1);
  EXPECT_EQ(one.numbers[0].low, FindChanges({kEight}).numbers[0].low);
  EXPECT_FALSE(one.numbers[1].changed);
  EXPECT_EQ(one.numbers[1].difference, 0);
  const Changes ten = FindChanges(std::vector<TwoValues>(10, kEight));
  EXPECT_EQ(ten.differing, 10);
  EXPECT_NEAR((ten.numbers[0].high - ten.numbers[0].difference) /
                  (one.numbers[0].high - one.numbers[0].difference),
              StudentQuantile(0.0025, 7) / StudentQuantile(0.025, 7), 1e-9);
}

TEST(FindChanges, AChangeIsAboveTheTolerance) {
  ChangeOptions options;
  options.tolerance = 0.09;  // the difference is 9.46% of the value before
  EXPECT_TRUE(FindChanges({kEight}, options).numbers[0].changed);
  options.tolerance = 0.1;
  EXPECT_FALSE(FindChanges({kEight}, options).numbers[0].changed);
  const PairedValues from_nothing = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                                     {1, 2, 1, 2, 1, 2, 1, 2, 1, 2}};
  EXPECT_TRUE(FindChanges({from_nothing}, options).numbers[0].changed);
}

// 100 studies of 60 numbers each, in which nothing changed: how many report any change. Binomial of
// 5%: more than 12 are less likely than 1 in 500. The numbers are of few items and of many, of
// normal noise, of noise with long tails, and of single images that turn.
TEST(FindChanges, FalseAlarmsAreRareHoweverManyNumbers) {
  int alarms = 0;
  ChangeOptions options;
  options.tolerance = 0;
  options.resamples = 400;
  for (int study = 0; study < 100; ++study) {
    Random random(7, study);
    std::vector<TwoValues> numbers;
    for (int i = 0; i < 20; ++i) {
      numbers.emplace_back(Noisy(3 + 2 * i, 0, 2, random));
      PairedValues long_tails = Noisy(24, 0, 0, random), turned;
      for (double& value : long_tails.after) value += std::pow(random.Normal(), 3);
      numbers.emplace_back(std::move(long_tails));
      for (int image = 0; image < 100; ++image) {
        turned.before.push_back(random.Uniform() < 0.7 ? 1 : 0);
        const bool turns = random.Uniform() < 0.02;
        turned.after.push_back(turns ? (random.Uniform() < 0.5 ? 1 : 0) : turned.before.back());
      }
      numbers.emplace_back(std::move(turned));
    }
    bool any = false;
    for (const Change& change : FindChanges(numbers, options).numbers) any = any || change.changed;
    alarms += any ? 1 : 0;
  }
  EXPECT_LE(alarms, 12);
}

// Each interval by itself covers the true difference in 95 of 100 cases.
TEST(FindChanges, IntervalsCoverTheTruth) {
  constexpr int kTrials = 1000;
  ChangeOptions options;
  options.resamples = 400;
  for (const int64_t n : {4, 10, 40}) {
    int covered = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      Random random(11, trial, n);
      const Change change = FindChanges({Noisy(n, 3, 2, random)}, options).numbers[0];
      covered += change.low <= 3 && 3 <= change.high ? 1 : 0;
    }
    EXPECT_NEAR(covered, 0.95 * kTrials, 4 * std::sqrt(kTrials * 0.95 * 0.05)) << n;
  }
}

TEST(FindChanges, WhatChangedIsFoundAmongMany) {
  Random random(3);
  std::vector<TwoValues> numbers;
  for (int i = 0; i < 100; ++i) numbers.emplace_back(Noisy(24, i == 42 ? -7 : 0, 4, random));
  const Changes changes = FindChanges(numbers);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(changes.numbers[i].changed, i == 42) << i;
}

// Steps of 1/60 in all of few units: the signs of five agree by chance in 1 of 16 cases.
TEST(FindChanges, EqualDifferencesOfFewItemsAreNoChange) {
  const auto all_shift = [](size_t n) {
    return PairedValues{Series(n, 0.5), Series(n, 0.5 + 1.0 / 60)};
  };
  const Change few = FindChanges({all_shift(5)}).numbers[0];
  EXPECT_FALSE(few.changed);
  EXPECT_LE(few.low, 0);
  EXPECT_NEAR(few.difference, 1.0 / 60, 1e-12);
  EXPECT_TRUE(FindChanges({all_shift(6)}).numbers[0].changed);
  EXPECT_FALSE(FindChanges({all_shift(6), all_shift(6)}).numbers[0].changed);
}

TEST(FindChanges, TooFewItemsAreNotJudged) {
  const Changes changes = FindChanges({PairedValues{{1, 1}, {2, 3}}, PairedValues{{}, {}}, kEight});
  EXPECT_FALSE(changes.numbers[0].judged);
  EXPECT_FALSE(changes.numbers[0].changed);
  EXPECT_EQ(changes.numbers[0].difference, 1.5);
  EXPECT_FALSE(changes.numbers[1].judged);
  EXPECT_EQ(changes.differing, 1);
}

// Newcombe (1998), Statistics in Medicine 17, 873, Table II, method 10.
TEST(FindChanges, SharesHaveNewcombesInterval) {
  const struct {
    TwoShares shares;
    double low, high;
  } known[] = {{{{48, 80}, {56, 70}}, 0.0524, 0.3339}, {{{3, 10}, {9, 10}}, 0.1705, 0.8090},
               {{{2, 7}, {6, 7}}, 0.0582, 0.8062},     {{{0, 29}, {5, 56}}, -0.0381, 0.1926},
               {{{0, 20}, {10, 10}}, 0.6791, 1},       {{{0, 10}, {10, 10}}, 0.6075, 1}};
  for (const auto& k : known) {
    const Change change = FindChanges({k.shares}).numbers[0];
    EXPECT_NEAR(change.low, k.low, 5e-5);
    EXPECT_NEAR(change.high, k.high, 5e-5);
    EXPECT_EQ(change.changed, k.low > 0);
  }
}

// Independent correlations of 103 pairs each: the difference's interval is near that of Fisher's
// transformation, 1.96 sqrt(2 / 100) on its scale.
TEST(FindChanges, CorrelationsCompareByTheirOwnIntervals) {
  const auto fisher = [](double r, double quantile) {
    return TwoCorrelations::Correlation{r, std::tanh(std::atanh(r) - quantile / 10),
                                        std::tanh(std::atanh(r) + quantile / 10)};
  };
  const Change same =
      FindChanges({TwoCorrelations{fisher(0.5, 1.96), fisher(0.6, 1.96)}}).numbers[0];
  EXPECT_FALSE(same.changed);
  const double down = std::hypot(0.6 - std::tanh(std::atanh(0.6) - 0.196),
                                 std::tanh(std::atanh(0.5) + 0.196) - 0.5);
  EXPECT_NEAR(same.low, 0.1 - down, 1e-4);
  const Change other =
      FindChanges({TwoCorrelations{fisher(0.2, 1.96), fisher(0.8, 1.96)}}).numbers[0];
  EXPECT_TRUE(other.changed);
  const Change certain = FindChanges({TwoCorrelations{{1, 1, 1}, {1, 1, 1}}}).numbers[0];
  EXPECT_FALSE(certain.changed);
}

TEST(FindChanges, SaysWhatIsWrong) {
  EXPECT_THROW(FindChanges({PairedValues{{1, 2, 3}, {1, 2}}}), Error);
  EXPECT_THROW(FindChanges({PairedValues{{1, 2, NAN}, {1, 2, 3}}}), Error);
  EXPECT_THROW(FindChanges({TwoShares{{3, 2}, {1, 2}}}), Error);
  EXPECT_THROW(FindChanges({TwoCorrelations{{0.5, 0.6, 0.7}, {0.5, 0.4, 0.7}}}), Error);
  ChangeOptions options;
  options.tolerance = -1;
  EXPECT_THROW(FindChanges({kEight}, options), Error);
  options = {};
  options.false_alarm = 1;
  EXPECT_THROW(FindChanges({kEight}, options), Error);
}

}  // namespace
}  // namespace netdissect
