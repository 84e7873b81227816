#include "report/semantics_report.h"

#include <gtest/gtest.h>

#include "data/pictures.h"
#include "report/ink.h"
#include "report/palette.h"

namespace netdissect {
namespace {

Taxonomy SomeGroups() { return {"some", {{"color", "low", {}, 1}, {"object", "high", {}, 2}}}; }

std::vector<NetworkSemantics> SomeSemantics() {
  NetworkSemantics first, second;
  first.name = "first";
  first.digest = "abc";
  first.layers = {{"pool1", 10, 0, UnitMean{0.8, 0.05, 10}, {7.5, 2.5}},
                  {"pool5", 20, 4, UnitMean{0.5, 0.1, 16}, {4, 12}}};
  second.name = "second";
  second.layers = {{"pool5", 8, 8, std::nullopt, {0, 0}}};
  return {first, second};
}

TEST(SemanticsReportTest, ResultsAreOfUnitsAndTheirMeans) {
  const Json json = ToJson(SomeSemantics(), SomeGroups(), {});
  const Json& first = json["networks"][0];
  EXPECT_EQ(first["name"], "first");
  EXPECT_EQ(first["digest"], "abc");
  const Json& pool5 = first["layers"]["pool5"];
  EXPECT_EQ(pool5["units"], 20);
  EXPECT_EQ(pool5["no_label"], 4);
  EXPECT_EQ(pool5["precision"], 0.5);
  EXPECT_NEAR(pool5["interval"][0].get<double>(), 0.5 - 0.196, 1e-4);
  EXPECT_NEAR(pool5["interval"][1].get<double>(), 0.5 + 0.196, 1e-4);
  EXPECT_EQ(pool5["groups"]["object"], 12);
  EXPECT_EQ(pool5["levels"]["low"], 4);
  EXPECT_EQ(pool5["levels"]["mid"], 0);
  EXPECT_TRUE(json["networks"][1]["layers"]["pool5"]["precision"].is_null());
  EXPECT_TRUE(json["agreement"]["kappa"].is_null());
  EXPECT_EQ(json["taxonomy"]["name"], "some");
}

TEST(SemanticsReportTest, TablesHaveARowForEachLayer) {
  const Table table = SemanticsTable(SomeSemantics(), SomeGroups());
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"first", "pool1", "10", "80.0%", "9.8%", "7.5",
                                                     "0.0", "2.5", "0"}));
  EXPECT_EQ(table.rows[2][3], "");
  EXPECT_EQ(GroupTable(SomeSemantics(), SomeGroups()).rows.at(1),
            (std::vector<std::string>{"first", "pool5", "20", "4.0", "12.0", "4"}));
}

// Ink of the two networks' colours, in pixels.
std::pair<int, int> InkOfBoth(const Drawing& drawing) {
  const cv::Mat picture = Raster(drawing);
  return {PixelsOf(picture, SeriesColor(0)), PixelsOf(picture, SeriesColor(1))};
}

TEST(SemanticsReportTest, BarsGrowWithWhatTheyShow) {
  std::vector<NetworkSemantics> networks = SomeSemantics();
  networks[1].layers[0].precision = UnitMean{0.2, 0.01, 8};
  const auto before = InkOfBoth(DrawSemanticPrecision(networks));
  networks[1].layers[0].precision = UnitMean{0.9, 0.01, 8};
  const auto after = InkOfBoth(DrawSemanticPrecision(networks));
  EXPECT_EQ(before.first, after.first);
  EXPECT_GT(after.second, before.second + 1000);
}

TEST(SemanticsReportTest, FiguresHaveAPlotForEachGroupAndOneForUnitsWithoutLabel) {
  std::vector<NetworkSemantics> networks = SomeSemantics();
  const Drawing with = DrawGroups(networks, SomeGroups());
  for (NetworkSemantics& network : networks) {
    for (LayerSemantics& layer : network.layers) layer.no_label = 0;
  }
  const Drawing without = DrawGroups(networks, SomeGroups());
  EXPECT_GT(with.width, without.width);
  EXPECT_GT(InkOfBoth(with).second, InkOfBoth(without).second);
  // No unit is of the mid level, which has no plot but is named.
  EXPECT_EQ(DrawLevels(networks, SomeGroups()).width, without.width);
  for (const Drawing& drawing : {with, without, DrawLevels(networks, SomeGroups())}) {
    const cv::Mat picture = Raster(drawing);
    const cv::Rect box = InkBox(picture), allowed(3, 3, picture.cols - 6, picture.rows - 6);
    EXPECT_EQ(box & allowed, box);
  }
}

}  // namespace
}  // namespace netdissect
