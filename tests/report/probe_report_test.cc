#include "report/probe_report.h"

#include <gtest/gtest.h>

#include "report/ink.h"

namespace netdissect {
namespace {

ProbedLayer SomeLayer(const std::string& name, int64_t right) {
  ProbedLayer layer;
  layer.name = name;
  layer.units = 8;
  layer.height = layer.width = 2;
  ProbeResult& result = layer.result;
  result.features = 32;
  result.constant = 1;
  result.train = 60;
  result.test = 30;
  result.correct = result.correct5 = right + 15;
  result.choice = {1e-3, 60, {{1e-4, 30, 0}, {1e-3, 45, 0}, {1e-2, 45, 1}}, false};
  // 20 of the first class, 10 of the second, of which 15 + right are told.
  result.confusion = {{right + 5, 15 - right, 0}, {0, 10, 0}, {0, 0, 0}};
  return layer;
}

const std::vector<std::string> kClasses = {"bedroom", "kitchen", "attic"};

TEST(ProbeReportTest, JsonHasWhatTheContractNames) {
  const ProbedNetwork network = {"net", {SomeLayer("pool1", 3), SomeLayer("pool5", 12)}};
  const Json json = ToJson(network, kClasses);
  EXPECT_NEAR(json["chance"].get<double>(), 20.0 / 30, 1e-12);
  const Json& layer = json["layers"]["pool5"];
  EXPECT_NEAR(layer["accuracy"].get<double>(), 27.0 / 30, 1e-12);
  const ProportionInterval interval = WilsonInterval(27, 30);
  EXPECT_EQ(layer["interval"], Json({interval.low, interval.high}));
  EXPECT_TRUE(layer["top5"].is_null());  // of three classes it says nothing
  EXPECT_EQ(layer["cost"], 1e-3);
  EXPECT_EQ(layer["train"], 60);
  EXPECT_EQ(layer["test"], 30);
  EXPECT_EQ(layer["features"], 32);
  EXPECT_EQ(layer["constant"], 1);
  EXPECT_EQ(layer["costs"].size(), 3u);
  EXPECT_EQ(layer["costs"][1]["accuracy"], 0.75);
  EXPECT_NEAR(layer["per_class"]["bedroom"]["accuracy"].get<double>(), 17.0 / 20, 1e-12);
  EXPECT_EQ(layer["per_class"]["bedroom"]["taken_for"], "kitchen");
  EXPECT_TRUE(layer["per_class"]["attic"]["accuracy"].is_null());  // no image of it is tested
}

TEST(ProbeReportTest, TablesHaveARowForEachLayerAndEachClass) {
  const Table table = ProbeTable({{"net", {SomeLayer("pool1", 3), SomeLayer("pool5", 12)}}});
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"net", "pool5", "32", "90.0%", "74.4-96.5%",
                                                     "", "0.001", "60", "30"}));
  const Table confusion = ConfusionTable(SomeLayer("pool1", 3).result, kClasses);
  EXPECT_EQ(confusion.header, (std::vector<std::string>{"class", "bedroom", "kitchen", "attic"}));
  EXPECT_EQ(confusion.rows[0], (std::vector<std::string>{"bedroom", "8", "12", "0"}));
}

TEST(ProbeReportTest, BarsGrowWithAccuracy) {
  const auto ink = [](int64_t right) {
    return PixelsOf(Raster(DrawProbeAccuracy({{"net", {SomeLayer("pool5", right)}}})),
                    SeriesColor(0));
  };
  EXPECT_GT(ink(14), ink(2) + 1000);
}

TEST(ProbeReportTest, ConfusionIsDrawnWithinItsSheetForFewClassesAndMany) {
  for (size_t count : {2u, 16u, 97u, 300u}) {
    ProbeResult result;
    std::vector<std::string> classes;
    for (size_t c = 0; c < count; ++c) {
      classes.push_back("a category of a long name, number " + std::to_string(c));
      result.confusion.emplace_back(count);
      result.confusion.back()[c] = 1;
    }
    const cv::Mat picture = Raster(DrawConfusion("net, pool5", result, classes));
    const cv::Rect box = InkBox(picture), allowed(3, 3, picture.cols - 6, picture.rows - 6);
    EXPECT_EQ(box & allowed, box) << count;
    EXPECT_LT(picture.cols, 1600);
    EXPECT_GT(PixelsOf(picture, SeriesColor(0)), 0) << count;
  }
}

TEST(ProbeReportTest, TheCostsAreACurveForEachLayer) {
  const cv::Mat picture =
      Raster(DrawProbeCosts({"net", {SomeLayer("pool1", 3), SomeLayer("pool5", 12)}}));
  EXPECT_GT(PixelsOf(picture, SeriesColor(1)), 50);
}

}  // namespace
}  // namespace netdissect
