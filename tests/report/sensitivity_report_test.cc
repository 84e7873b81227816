#include "report/sensitivity_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace netdissect {
namespace {

// A unit whose size is 100 (1 - threshold) + k; and one that is silent.
LayerFields SensitiveLayer(const std::string& name, int k) {
  LayerFields layer;
  layer.name = name;
  UnitField unit, silent;
  for (const double threshold : kSensitivityThresholds) {
    std::vector<double>& row = unit.sizes.emplace_back();
    for (const int count : SensitivityCounts(k)) row.push_back(100 * (1 - threshold) + count);
  }
  silent.silent = true;
  silent.sizes = unit.sizes;
  for (auto& row : silent.sizes) row.assign(row.size(), 0);
  layer.units = {unit, silent};
  return layer;
}

TEST(SensitivityCounts, GoUpToK) {
  EXPECT_EQ(SensitivityCounts(3), (std::vector<int>{3}));
  EXPECT_EQ(SensitivityCounts(5), (std::vector<int>{5}));
  EXPECT_EQ(SensitivityCounts(12), (std::vector<int>{5, 10, 12}));
  EXPECT_EQ(SensitivityCounts(25), (std::vector<int>{5, 10, 15, 20, 25}));
  EXPECT_EQ(SensitivityCounts(60), (std::vector<int>{5, 10, 15, 20, 25, 60}));
}

TEST(SensitivityTable, HasARowForEachThresholdAndLeavesSilentUnitsOut) {
  LayerFields mute = SensitiveLayer("conv2", 12);
  mute.units.erase(mute.units.begin());
  const Table table = SensitivityTable({{"net", {SensitiveLayer("conv1", 12), mute}}}, 12);
  EXPECT_EQ(table.header, (std::vector<std::string>{"network", "layer", "threshold", "k = 5",
                                                    "k = 10", "k = 12"}));
  ASSERT_EQ(table.rows.size(), 2 * kSensitivityThresholds.size());
  EXPECT_EQ(table.rows[0],
            (std::vector<std::string>{"net", "conv1", "0.10", "95.0", "100.0", "102.0"}));
  EXPECT_EQ(table.rows[7],
            (std::vector<std::string>{"net", "conv1", "0.50", "55.0", "60.0", "62.0"}));
  EXPECT_EQ(table.rows[8], (std::vector<std::string>{"net", "conv2", "0.10", "-", "-", "-"}));
  const Json json = SensitivityJson(SensitiveLayer("conv1", 12), 12);
  EXPECT_EQ(json.at("k"), (Json{5, 10, 12}));
  EXPECT_DOUBLE_EQ(json.at("mean")[7][1].get<double>(), 60);
}

TEST(DrawSensitivity, EndsWellWhereAllUnitsAreSilent) {
  LayerFields mute = SensitiveLayer("conv2", 12);
  mute.units.erase(mute.units.begin());
  FieldOptions options;
  options.k = 12;
  const Drawing one = DrawSensitivity({{"net", {mute}}}, options);
  const Drawing two = DrawSensitivity({{"net", {SensitiveLayer("conv1", 12), mute}}}, options);
  EXPECT_GT(two.width, 1.5 * one.width);  // a plot for each layer
  EXPECT_FALSE(Svg(two).empty());
}

}  // namespace
}  // namespace netdissect
