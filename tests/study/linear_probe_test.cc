#include "study/linear_probe.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/scratch.h"
#include "study/labelled_rows.h"

namespace netdissect {
namespace {

struct SomeProbe {
  LabelledRows data;
  ProbeRows rows;
};

SomeProbe MakeProbe(int classes, double apart) {
  SomeProbe made = {MakeLabelledRows(400, 12, classes, 21, apart), {}};
  made.rows.labels = made.data.labels;
  made.rows.classes = classes;
  made.rows.items.resize(400);
  std::iota(made.rows.items.begin(), made.rows.items.end(), 0);
  made.rows.test = StratifiedTestPart(made.rows.labels, made.rows.items, 0.3, 0);
  return made;
}

TEST(LinearProbeTest, CountsTheTestRowsAlone) {
  SomeProbe made = MakeProbe(7, 0.5);
  made.rows.features = &made.data.rows;
  const ProbeResult result = Probe(made.rows, {});
  EXPECT_EQ(result.train + result.test, 400);
  int64_t total = 0, diagonal = 0;
  for (size_t c = 0; c < 7; ++c) {
    total += std::accumulate(result.confusion[c].begin(), result.confusion[c].end(), int64_t{0});
    diagonal += result.confusion[c][c];
  }
  EXPECT_EQ(total, result.test);
  EXPECT_EQ(diagonal, result.correct);
  EXPECT_GE(result.correct5, result.correct);
  EXPECT_GT(result.accuracy(), 2.0 / 7);  // far above chance
  EXPECT_LT(result.interval().low, result.accuracy());
}

TEST(LinearProbeTest, ClassesFarApartAreAllTold) {
  SomeProbe made = MakeProbe(3, 20);
  made.rows.features = &made.data.rows;
  const ProbeResult result = Probe(made.rows, {});
  EXPECT_EQ(result.correct, result.test);
  EXPECT_EQ(result.correct5, result.test);
}

// Features that say nothing of the test rows' labels: a leak would show as more than chance.
TEST(LinearProbeTest, NoiseIsToldApartByChanceAlone) {
  SomeProbe made = MakeProbe(2, 0);
  made.rows.features = &made.data.rows;
  const ProbeResult result = Probe(made.rows, {});
  EXPECT_LT(result.interval().low, 0.5);
  EXPECT_GT(result.interval().high, 0.45);
}

TEST(LinearProbeTest, WhatTestRowsAreDoesNotChangeWhatIsLearnt) {
  SomeProbe made = MakeProbe(3, 0.4);
  made.rows.features = &made.data.rows;
  const ProbeResult before = Probe(made.rows, {});
  for (size_t i = 0; i < 400; ++i) {
    if (made.rows.test[i]) made.rows.labels[i] = (made.rows.labels[i] + 1) % 3;
  }
  const ProbeResult after = Probe(made.rows, {});
  EXPECT_EQ(after.choice.cost, before.choice.cost);
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(after.confusion[(c + 1) % 3], before.confusion[c]);
}

TEST(LinearProbeTest, WhatCannotBeLearntIsRefused) {
  SomeProbe made = MakeProbe(2, 1);
  made.rows.features = &made.data.rows;
  made.rows.test.assign(400, false);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Probe(made.rows, {}); }), {"to test", "none"}));
  made.rows.test[0] = true;
  const RowsInMemory constant(3, std::vector<float>(1200, 4.5f));
  made.rows.features = &constant;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Probe(made.rows, {}); }), {"all 3 constant"}));
}

}  // namespace
}  // namespace netdissect
