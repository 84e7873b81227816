#include "study/cross_validation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/scratch.h"
#include "study/labelled_rows.h"

namespace netdissect {
namespace {

std::vector<int64_t> CountingFrom(int64_t first, size_t count) {
  std::vector<int64_t> items(count);
  std::iota(items.begin(), items.end(), first);
  return items;
}

std::vector<int> ClassesOfSizes(const std::vector<int>& sizes) {
  std::vector<int> labels;
  for (size_t c = 0; c < sizes.size(); ++c) {
    labels.insert(labels.end(), static_cast<size_t>(sizes[c]), static_cast<int>(c));
  }
  return labels;
}

TEST(CrossValidationTest, FoldsAreAsLargeAsEachOtherInEveryClass) {
  const std::vector<int> sizes = {23, 2, 40, 7, 5};
  std::vector<int> labels = ClassesOfSizes(sizes);
  labels.push_back(-1);
  const std::vector<int> folds = StratifiedFolds(labels, CountingFrom(0, labels.size()), 5, 3);
  EXPECT_EQ(folds.back(), -1);
  for (int c = -1; c < 5; ++c) {  // -1: of all classes together
    std::vector<int> counts(5);
    for (size_t i = 0; i + 1 < labels.size(); ++i) {
      if (c < 0 || labels[i] == c) ++counts[static_cast<size_t>(folds[i])];
    }
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    EXPECT_LE(*most - *least, 1) << "class " << c;
  }
}

TEST(CrossValidationTest, FoldsAreOfTheItemsNotOfTheirOrder) {
  const std::vector<int> labels = ClassesOfSizes({12, 30});
  const std::vector<int64_t> items = CountingFrom(100, labels.size());
  std::vector<int> turned(labels.rbegin(), labels.rend());
  const std::vector<int64_t> turned_items(items.rbegin(), items.rend());
  const std::vector<int> a = StratifiedFolds(labels, items, 4, 1);
  std::vector<int> b = StratifiedFolds(turned, turned_items, 4, 1);
  std::reverse(b.begin(), b.end());
  EXPECT_EQ(a, b);
  EXPECT_NE(a, StratifiedFolds(labels, items, 4, 2));
}

TEST(CrossValidationTest, TheTestPartHasItsShareOfEachClassAndLeavesTwoToLearnFrom) {
  const std::vector<int> labels = ClassesOfSizes({40, 10, 2, 3, 1});
  const std::vector<bool> test =
      StratifiedTestPart(labels, CountingFrom(0, labels.size()), 0.25, 0);
  std::vector<int> tested(5);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (test[i]) ++tested[static_cast<size_t>(labels[i])];
  }
  EXPECT_EQ(tested, (std::vector<int>{10, 3, 0, 1, 0}));  // 2.5 is rounded up
  EXPECT_TRUE(HasAll(ErrorOf([&] { StratifiedTestPart({0}, {0}, 1, 0); }), {"between 0 and 1"}));
}

// Of a fold the right answers of a classifier that is made of the others' rows alone.
TEST(CrossValidationTest, CountsWhatClassifiersOfTheOtherFoldsGetRight) {
  const LabelledRows data = MakeLabelledRows(150, 10, 3, 2, 0.4);
  SvmRows rows = data.all();
  rows.folds = StratifiedFolds(rows.labels, CountingFrom(0, 150), 3, 0);
  CrossValidationOptions options;
  options.costs = {1e-3, 1e-1};
  options.folds = 3;
  SvmOptions tight;
  tight.tolerance = 1e-9;
  const CostChoice choice = ChooseCost(LinearSvm(rows, tight), options);
  ASSERT_EQ(choice.curve.size(), 2u);
  EXPECT_EQ(choice.rows, 150);
  for (const CostPoint& point : choice.curve) {
    int64_t correct = 0;
    for (int fold = 0; fold < 3; ++fold) {
      SvmRows others = data.all();
      std::vector<int64_t> held;
      for (size_t i = 0; i < 150; ++i) {
        if (rows.folds[i] != fold) continue;
        others.labels[i] = -1;
        held.push_back(static_cast<int64_t>(i));
      }
      const std::vector<LinearModel> models = LinearSvm(others, tight).Train({{point.cost, -1}});
      ForEachScore(data.rows, held, models,
                   [&](int64_t row, size_t, const std::vector<double>& scores) {
                     correct += HighestOf(scores) == data.labels[static_cast<size_t>(row)] ? 1 : 0;
                   });
    }
    EXPECT_EQ(point.correct, correct) << point.cost;
  }
}

TEST(CrossValidationTest, MemoryChangesNothing) {
  const LabelledRows data = MakeLabelledRows(120, 30, 3, 8, 0.2);
  SvmRows rows = data.all();
  rows.folds = StratifiedFolds(rows.labels, CountingFrom(0, 120), 5, 0);
  SvmOptions little;
  little.memory = 1;
  const CostChoice a = ChooseCost(LinearSvm(rows, {}), {}),
                   b = ChooseCost(LinearSvm(rows, little), {});
  ASSERT_EQ(a.curve.size(), b.curve.size());
  for (size_t i = 0; i < a.curve.size(); ++i) EXPECT_EQ(a.curve[i].correct, b.curve[i].correct);
  EXPECT_EQ(a.cost, b.cost);
}

// Classes that any cost tells apart: the smallest is taken, and few others are tried.
TEST(CrossValidationTest, OfEqualCostsTheSmallestIsTakenAndLargerOnesAreNotTried) {
  const LabelledRows data = MakeLabelledRows(100, 20, 2, 4, 20);
  SvmRows rows = data.all();
  rows.folds = StratifiedFolds(rows.labels, CountingFrom(0, 100), 5, 0);
  const CostChoice choice = ChooseCost(LinearSvm(rows, {}), {});
  EXPECT_EQ(choice.cost, 1e-6);
  EXPECT_TRUE(choice.at_end);
  EXPECT_EQ(choice.curve.size(), 3u);
  EXPECT_EQ(choice.curve[0].correct, 100);
}

TEST(CrossValidationTest, OptionsOutOfRangeAreRefused) {
  const auto refusal = [](CrossValidationOptions options) {
    return ErrorOf([&] { options.Validate(); });
  };
  EXPECT_TRUE(HasAll(refusal({{}, 5, 2}), {"cost", "none"}));
  EXPECT_TRUE(HasAll(refusal({{0}, 5, 2}), {"above 0", "found 0"}));
  EXPECT_TRUE(HasAll(refusal({{1, 0.1}, 5, 2}), {"ascending", "0.1 after 1"}));
  EXPECT_TRUE(HasAll(refusal({{1}, 1, 2}), {"folds", "found 1"}));
  EXPECT_TRUE(HasAll(refusal({{1}, 2, 0}), {"patience", "found 0"}));
}

}  // namespace
}  // namespace netdissect
