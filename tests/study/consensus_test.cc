#include "study/consensus.h"

#include <gtest/gtest.h>

namespace netdissect {
namespace {

UnitAnswer Said(const std::string& label, const std::string& group, double precision,
                int shown = 20) {
  return {"someone", label, group, precision, shown, std::nullopt};
}

TEST(ConsensusTest, TheMajorityWinsAfterNamesAreMadeOne) {
  const UnitLabel unit = Consensus(
      7, {Said("Trees", "object", 0.5), Said("sky", "scene", 1), Said("tree ", "object", 0.75)});
  EXPECT_EQ(unit.unit, 7);
  EXPECT_EQ(unit.label, "tree");
  EXPECT_EQ(unit.group, "object");
  EXPECT_EQ(unit.annotators, 3);
  EXPECT_EQ(unit.source, LabelSource::kPeople);
  EXPECT_NEAR(unit.precision.value(), (10 + 20 + 15) / 60.0, 1e-12);
  EXPECT_FALSE(unit.iou.has_value());
}

TEST(ConsensusTest, TiesGoToTheHigherPrecisionThenToTheAlphabet) {
  EXPECT_EQ(Consensus(0, {Said("tree", "a", 0.5), Said("sky", "b", 0.6)}).label, "sky");
  EXPECT_EQ(Consensus(0, {Said("tree", "a", 0.5), Said("sky", "b", 0.5)}).label, "sky");
  EXPECT_EQ(Consensus(0, {Said("tree", "b", 0.7), Said("sky", "a", 0.6)}).group, "b");
  // More votes beat any precision.
  EXPECT_EQ(Consensus(0, {Said("tree", "a", 0.1), Said("sky", "a", 1), Said("tree", "a", 0)}).label,
            "tree");
}

TEST(ConsensusTest, PrecisionIsPooledOverWhatWasShown) {
  const std::vector<UnitAnswer> answers = {Said("a", "g", 0.5, 10), Said("a", "g", 1, 30)};
  EXPECT_NEAR(Consensus(0, answers).precision.value(), 35 / 40.0, 1e-12);
  const ProportionInterval expected = WilsonInterval(35, 40);
  const auto interval = PrecisionInterval(answers);
  ASSERT_TRUE(interval.has_value());
  EXPECT_DOUBLE_EQ(interval->low, expected.low);
  EXPECT_DOUBLE_EQ(interval->high, expected.high);
  const std::vector<UnitAnswer> unknown = {Said("a", "g", 0.5, 0), Said("a", "g", 1, 30)};
  EXPECT_NEAR(Consensus(0, unknown).precision.value(), 0.75, 1e-12);
  EXPECT_FALSE(PrecisionInterval(unknown).has_value());
}

TEST(ConsensusTest, WithoutAnswersThereIsNoLabel) {
  const UnitLabel unit = Consensus(3, {});
  EXPECT_EQ(unit.label, "");
  EXPECT_FALSE(unit.precision.has_value());
  EXPECT_EQ(unit.annotators, 0);
  EXPECT_FALSE(PrecisionInterval({}).has_value());
  EXPECT_FALSE(DoubtOf({}).any());
}

TEST(ConsensusTest, DoubtIsWhereNoMajorityIsOrPrecisionsAreFarApart) {
  EXPECT_FALSE(DoubtOf({Said("tree", "object", 0.1)}).any());
  EXPECT_FALSE(DoubtOf({Said("trees", "object", 0.5), Said("Tree", "object", 0.7)}).any());
  const Doubt apart = DoubtOf({Said("tree", "object", 0.5), Said("tree", "object", 0.71)});
  EXPECT_TRUE(apart.precision());
  EXPECT_NEAR(apart.spread, 0.21, 1e-12);
  EXPECT_FALSE(apart.label || apart.group);
  // Half of them are no majority.
  const Doubt two = DoubtOf({Said("tree", "object", 1), Said("sky", "object", 1)});
  EXPECT_TRUE(two.label);
  EXPECT_FALSE(two.group);
  const Doubt three =
      DoubtOf({Said("tree", "object", 1), Said("sky", "scene", 1), Said("tree", "material", 1)});
  EXPECT_FALSE(three.label);
  EXPECT_TRUE(three.group);
}

UnitLabel Truth(int unit, const std::string& label) {
  UnitLabel truth;
  truth.unit = unit;
  truth.label = label;
  truth.iou = 0.2;
  return truth;
}

TEST(ConsensusTest, GroundTruthStandsBesidePeopleWhoseLabelGoesFirst) {
  std::vector<LayerLabels> labels = {
      {"pool5", {Consensus(2, {Said("tree", "object", 1)}), Consensus(3, {})}}};
  const std::vector<LayerLabels> truth = {
      {"pool5", {Truth(1, "sky"), Truth(2, "plant"), Truth(3, "bed")}},
      {"conv3", {Truth(0, "sea")}}};
  AddGroundTruth(truth, labels);
  ASSERT_EQ(labels.size(), 2u);
  const std::vector<UnitLabel>& units = labels[0].units;
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(units[0].label, "sky");
  EXPECT_EQ(units[0].source, LabelSource::kGroundTruth);
  EXPECT_EQ(units[1].label, "tree");
  EXPECT_FALSE(units[1].iou.has_value());  // it is of another label
  ASSERT_EQ(units[1].ground_truth.size(), 1u);
  EXPECT_EQ(units[1].ground_truth[0].label, "plant");
  EXPECT_EQ(units[2].label, "bed");
  EXPECT_EQ(labels[1].units[0].label, "sea");
  // What was merged before can be merged again, and people's labels are not taken for truth.
  std::vector<LayerLabels> again = {{"pool5", {Consensus(2, {Said("pine", "object", 1)})}}};
  AddGroundTruth(labels, again);
  ASSERT_EQ(again[0].units.size(), 3u);
  EXPECT_EQ(again[0].units[1].label, "pine");
  EXPECT_EQ(again[0].units[1].ground_truth[0].label, "plant");
}

}  // namespace
}  // namespace netdissect
