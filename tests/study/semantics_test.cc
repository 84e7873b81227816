#include "study/semantics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/scratch.h"
#include "study/consensus.h"

namespace netdissect {
namespace {

Taxonomy ThreeGroups() {
  return {"three",
          {{"color", "low", {}, 1},
           {"shape", "mid", {}, 2},
           {"object", "high", {}, 3},
           {"scene", "high", {}, 4}}};
}

UnitLabel ByPeople(int unit, const std::vector<std::string>& groups, double precision) {
  std::vector<UnitAnswer> answers;
  for (const std::string& group : groups) {
    answers.push_back({group + "'s friend", "name", group, precision, 10, std::nullopt});
  }
  return Consensus(unit, std::move(answers));
}

TEST(SemanticsTest, AUnitCountsForOneSharedByItsAnnotators) {
  const LayerLabels layer = {"pool5",
                             {ByPeople(0, {"color", "object", "object"}, 0.5),
                              ByPeople(1, {"scene"}, 0.9), ByPeople(2, {}, 0)}};
  const LayerSemantics semantics = SemanticsOf(layer, ThreeGroups(), "file");
  EXPECT_EQ(semantics.units, 3);
  EXPECT_EQ(semantics.no_label, 1);
  ASSERT_EQ(semantics.groups.size(), 4u);
  EXPECT_NEAR(semantics.groups[0], 1 / 3.0, 1e-12);
  EXPECT_NEAR(semantics.groups[1], 0, 1e-12);
  EXPECT_NEAR(semantics.groups[2], 2 / 3.0, 1e-12);
  EXPECT_NEAR(semantics.groups[3], 1, 1e-12);
  const std::vector<double> levels = LevelsOf(semantics.groups, ThreeGroups());
  ASSERT_EQ(levels.size(), 3u);
  EXPECT_NEAR(levels[0], 1 / 3.0, 1e-12);
  EXPECT_NEAR(levels[1], 0, 1e-12);
  EXPECT_NEAR(levels[2], 5 / 3.0, 1e-12);
  ASSERT_TRUE(semantics.precision.has_value());
  EXPECT_NEAR(semantics.precision->value, 0.7, 1e-12);
  EXPECT_EQ(semantics.precision->units, 2);
  EXPECT_NEAR(semantics.precision->error, 0.2, 1e-12);  // |0.9 - 0.5| / 2
}

TEST(SemanticsTest, LabelsByGroundTruthAreObjectsUnlessTheySayElse) {
  UnitLabel plain, scene, none;
  plain.label = "tree";
  plain.precision = 0.5;
  scene.label = "mountain";
  scene.group = "scene";
  none.precision = 0.1;  // of its best object, which fits too badly
  none.iou = 0.01;
  const LayerSemantics semantics =
      SemanticsOf({"pool5", {plain, scene, none}}, ThreeGroups(), "file");
  EXPECT_EQ(semantics.groups, (std::vector<double>{0, 0, 1, 1}));
  EXPECT_EQ(semantics.no_label, 1);
  EXPECT_DOUBLE_EQ(semantics.precision->value, 0.5);
  EXPECT_DOUBLE_EQ(semantics.precision->error, 0);
}

TEST(SemanticsTest, WhereNoPrecisionIsKnownThereIsNoMean) {
  UnitLabel unit;
  unit.label = "tree";
  EXPECT_FALSE(SemanticsOf({"pool5", {unit}}, ThreeGroups(), "file").precision.has_value());
}

TEST(SemanticsTest, AGroupOfAnotherTaxonomyIsAnError) {
  const LayerLabels layer = {"pool5", {ByPeople(12, {"smell"}, 1)}};
  EXPECT_TRUE(HasAll(ErrorOf([&] { SemanticsOf(layer, ThreeGroups(), "some/file.json"); }),
                     {"some/file.json", "pool5", "12", "smell", "three", "shape"}));
}

}  // namespace
}  // namespace netdissect
