#include "study/agreement.h"

#include <gtest/gtest.h>

#include <random>

namespace netdissect {
namespace {

// Ratings of items, each by some raters: the values themselves, not their counts.
using RatedItems = std::vector<std::vector<int>>;

RatingTable TableOf(const RatedItems& items, int categories) {
  RatingTable table;
  for (const std::vector<int>& values : items) {
    std::vector<int>& counts = table.emplace_back(static_cast<size_t>(categories), 0);
    for (const int value : values) ++counts[static_cast<size_t>(value)];
  }
  return table;
}

// Share of ordered pairs of different raters of an item that disagree.
double PairsApart(const std::vector<int>& values) {
  double apart = 0, pairs = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j) {
      if (i == j) continue;
      ++pairs;
      apart += values[i] != values[j] ? 1 : 0;
    }
  }
  return apart / pairs;
}

// By Krippendorff's definition, from the values pair by pair: observed over expected disagreement.
double AlphaByPairs(const RatedItems& items) {
  std::vector<int> all;
  double observed = 0;
  for (const std::vector<int>& values : items) {
    if (values.size() < 2) continue;
    all.insert(all.end(), values.begin(), values.end());
    observed += PairsApart(values) * static_cast<double>(values.size());
  }
  return 1 - observed / static_cast<double>(all.size()) / PairsApart(all);
}

// By Fleiss' words: how often two raters of an item agree, beyond two drawn from all ratings.
double KappaByPairs(const RatedItems& items, int categories) {
  double agreeing = 0, rated = 0, all = 0;
  std::vector<double> sums(static_cast<size_t>(categories));
  for (const std::vector<int>& values : items) {
    if (values.size() < 2) continue;
    agreeing += 1 - PairsApart(values);
    ++rated;
    for (const int value : values) ++sums[static_cast<size_t>(value)];
    all += static_cast<double>(values.size());
  }
  double chance = 0;
  for (const double sum : sums) chance += sum / all * (sum / all);
  return (agreeing / rated - chance) / (1 - chance);
}

// Fleiss' table as it is commonly worked through: 10 items, 14 raters, 5 categories.
TEST(AgreementTest, FleissKappaIsThatOfTheWorkedExample) {
  const RatingTable table = {{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0},
                             {2, 2, 8, 1, 1},  {7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2},
                             {6, 5, 2, 1, 0},  {0, 2, 2, 3, 7}};
  const Agreement kappa = FleissKappa(table);
  ASSERT_TRUE(kappa.value.has_value());
  EXPECT_NEAR(*kappa.value, 0.210, 0.0005);
  EXPECT_EQ(kappa.items, 10);
  EXPECT_EQ(kappa.left_out, 0);
}

// Krippendorff, Computing Krippendorff's Alpha-Reliability: 4 observers, 12 units, missing values.
TEST(AgreementTest, KrippendorffsAlphaIsThatOfHisExample) {
  const std::vector<std::vector<int>> observers = {{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
                                                   {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
                                                   {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
                                                   {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}};
  RatedItems items(12);
  for (const std::vector<int>& observer : observers) {
    for (size_t unit = 0; unit < items.size(); ++unit) {
      if (observer[unit] > 0) items[unit].push_back(observer[unit]);
    }
  }
  const Agreement alpha = KrippendorffAlpha(TableOf(items, 6));
  ASSERT_TRUE(alpha.value.has_value());
  EXPECT_NEAR(*alpha.value, 0.743, 0.0005);
  EXPECT_NEAR(*alpha.value, AlphaByPairs(items), 1e-12);
  EXPECT_EQ(alpha.items, 11);
  EXPECT_EQ(alpha.left_out, 1);
}

TEST(AgreementTest, BothAreWhatPairsOfRatingsGive) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const int categories = 2 + round % 5;
    RatedItems items(20);
    items[0] = {0, 1};  // of more than one category in any case
    for (size_t i = 1; i < items.size(); ++i) {
      const auto raters = random() % 5;
      for (unsigned long r = 0; r < raters; ++r) {
        items[i].push_back(static_cast<int>(random() % static_cast<unsigned>(categories)));
      }
    }
    const RatingTable table = TableOf(items, categories);
    const Agreement kappa = FleissKappa(table), alpha = KrippendorffAlpha(table);
    EXPECT_NEAR(kappa.value.value(), KappaByPairs(items, categories), 1e-12);
    EXPECT_NEAR(alpha.value.value(), AlphaByPairs(items), 1e-12);
    EXPECT_EQ(kappa.items, alpha.items);
    EXPECT_EQ(kappa.left_out, std::count_if(items.begin(), items.end(),
                                            [](const auto& values) { return values.size() == 1; }));
  }
}

TEST(AgreementTest, FullAgreementIsOneAndOfOneCategoryThereIsNone) {
  EXPECT_DOUBLE_EQ(*FleissKappa({{3, 0}, {0, 3}}).value, 1);
  EXPECT_DOUBLE_EQ(*KrippendorffAlpha({{3, 0}, {0, 3}}).value, 1);
  for (const RatingTable& table : {RatingTable{{3, 0}, {2, 0}}, {{1, 0}, {0, 1}}, {}}) {
    EXPECT_FALSE(FleissKappa(table).value.has_value());
    EXPECT_FALSE(KrippendorffAlpha(table).value.has_value());
  }
  EXPECT_LT(*FleissKappa({{1, 1}, {1, 1}}).value, 0);  // worse than chance
}

UnitLabel CrossedUnit(const std::vector<std::optional<std::vector<int>>>& crossed) {
  UnitLabel unit;
  for (const auto& tiles : crossed) {
    unit.answers.push_back({"someone", "tree", "object", 0.5, 10, tiles});
  }
  return unit;
}

TEST(AgreementTest, CrossedImagesAgreeAsFarAsPairsSayTheSame) {
  // Of 10 images the first two differ in 2, the first and third in 3, the others in 3.
  const UnitLabel three = CrossedUnit({{{0, 1}}, {{1, 2}}, {{0, 1, 4, 5, 6}}});
  const UnitLabel two = CrossedUnit({{{}}, {{3}}});
  const UnitLabel one = CrossedUnit({{{1}}}), unknown = CrossedUnit({{{1}}, std::nullopt});
  const Agreement agreement =
      CrossedAgreement({{"a", {three, one}}, {"b", {two, UnitLabel(), unknown}}});
  EXPECT_NEAR(agreement.value.value(), ((0.8 + 0.7 + 0.5) / 3 + 0.9) / 2, 1e-12);
  EXPECT_EQ(agreement.items, 2);
  EXPECT_EQ(agreement.left_out, 2);
  EXPECT_FALSE(CrossedAgreement({}).value.has_value());
}

}  // namespace
}  // namespace netdissect
