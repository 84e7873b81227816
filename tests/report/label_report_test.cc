#include "report/label_report.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "study/consensus.h"

namespace netdissect {
namespace {

std::vector<LayerLabels> SomeLabels() {
  UnitLabel good{0,  "bed", 0.75, "object", 0.2, 0, 3.5, {{"bed", 0.2}, {"pillow", 0.1}},
                 {}, {},    {}};
  UnitLabel poor{1, "", 0.5, "", 0.01, 0, 1, {{"wall", 0.01}}, {}, {}, {}};
  UnitLabel also{2, "bed", 0.25, "object", 0.05, 0, 2, {{"bed", 0.05}}, {}, {}, {}};
  UnitLabel silent{3, "", std::nullopt, "", 0.0, 0, 0, {}, {}, {}, {}};
  UnitLabel human{7,  "grid", 0.9, "material/texture", std::nullopt, 3, 0, {}, LabelSource::kPeople,
                  {}, {}};
  return {{"pool5", {good, poor, also, silent}}, {"fire9/concat", {human}}};
}

Json FileOf(const std::vector<LayerLabels>& layers) {
  return {{"netdissect", {{"network", {{"name", "net"}, {"digest", "abc"}}}}},
          {"layers", ToJson(layers)}};
}

TEST(LabelReportTest, LabelsReadBackAsWritten) {
  const ScratchFolder scratch;
  const Path file = scratch.File("annotation.json", FileOf(SomeLabels()).dump());
  const std::vector<LayerLabels> layers = ReadUnitLabels(file, "abc");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[1].name, "fire9/concat");
  EXPECT_EQ(ToJson(layers), ToJson(SomeLabels()));
  EXPECT_EQ(layers[0].units[0].label, "bed");
  EXPECT_EQ(layers[0].units[0].threshold, 3.5);
  EXPECT_FALSE(layers[0].units[3].precision.has_value());
  EXPECT_FALSE(layers[1].units[0].iou.has_value());
  EXPECT_EQ(layers[1].units[0].annotators, 3);
}

TEST(LabelReportTest, PeoplesAnswersReadBackAsWrittenWithTheTruthBeside) {
  UnitLabel unit = Consensus(4, {{"ann", "Trees", "object", 0.5, 4, std::vector<int>{1, 3}},
                                 {"bob", "bush", "material", 1, 0, std::nullopt}});
  unit.ground_truth = {SomeLabels()[0].units[0]};
  const Json json = ToJson(std::vector<LayerLabels>{{"pool5", {unit}}});
  const Json& item = json["pool5"]["units"][0];
  EXPECT_EQ(item["source"], "people");
  EXPECT_EQ(item["annotators"], 2);
  EXPECT_TRUE(item["iou"].is_null());
  EXPECT_TRUE(item["interval"].is_null());  // how many images the second saw is not known
  EXPECT_EQ(item["second_look"], true);
  EXPECT_EQ(item["answers"][0]["crossed"], Json({1, 3}));
  EXPECT_TRUE(item["answers"][1]["crossed"].is_null());
  EXPECT_EQ(item["ground_truth"]["label"], "bed");
  EXPECT_EQ(item["ground_truth"]["source"], "ground truth");
  const ScratchFolder scratch;
  const Path file = scratch.File("annotation.json", FileOf({{"pool5", {unit}}}).dump());
  const LabelFile read = ReadLabelFile(file);
  EXPECT_EQ(ToJson(read.layers), json);
  EXPECT_EQ(read.network, "net");
  EXPECT_FALSE(read.taxonomy.has_value());
}

TEST(LabelReportTest, ASourceThatIsNoneIsRefused) {
  const ScratchFolder scratch;
  Json json = FileOf(SomeLabels());
  json["layers"]["pool5"]["units"][0]["source"] = "a friend";
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadLabelFile(scratch.File("bad.json", json.dump())); }),
                     {"bad.json", "source", "a friend"}));
}

TEST(LabelReportTest, WhatIsNotKnownIsNull) {
  const Json json = ToJson(SomeLabels());
  EXPECT_TRUE(json["pool5"]["units"][1]["label"].is_null());
  EXPECT_TRUE(json["pool5"]["units"][3]["precision"].is_null());
  EXPECT_TRUE(json["fire9/concat"]["units"][0]["iou"].is_null());
  EXPECT_FALSE(json["fire9/concat"]["units"][0].contains("best"));
}

TEST(LabelReportTest, LabelsOfAnotherNetworkOrFormAreRefused) {
  const ScratchFolder scratch;
  const Path file = scratch.File("annotation.json", FileOf(SomeLabels()).dump());
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadUnitLabels(file, "xyz"); }),
                     {"annotation.json", "xyz", "net", "abc"}));
  const auto refuses = [&](const std::string& text, const std::vector<std::string>& words) {
    const Path bad = scratch.File("bad.json", text);
    return HasAll(ErrorOf([&] { ReadUnitLabels(bad, "abc"); }), words);
  };
  EXPECT_TRUE(refuses("{}", {"bad.json", "annotate", "netdissect"}));
  EXPECT_TRUE(refuses("[]", {"bad.json", "annotate"}));
  Json json = FileOf(SomeLabels());
  json["layers"]["pool5"]["units"][0]["unit"] = "first";
  EXPECT_TRUE(refuses(json.dump(), {"bad.json", "annotate"}));
  json = FileOf(SomeLabels());
  json["layers"]["pool5"] = 3;
  EXPECT_TRUE(refuses(json.dump(), {"bad.json", "annotate"}));
}

TEST(LabelReportTest, CountsAreOfBestObjectsAtABound) {
  const LayerLabels layer = SomeLabels()[0];
  EXPECT_EQ(CountLabels(layer, 0.04).units, 2);
  EXPECT_EQ(CountLabels(layer, 0.04).objects, 1);
  EXPECT_EQ(CountLabels(layer, 0.01).units, 3);
  EXPECT_EQ(CountLabels(layer, 0.01).objects, 2);
  EXPECT_EQ(CountLabels(layer, 0.5).units, 0);
  const Table table = LabelCountTable({{"net", {layer}}});
  EXPECT_EQ(table.rows.at(0), (std::vector<std::string>{"net", "pool5", "4", "2", "1", "1", "1"}));
}

TEST(LabelReportTest, TheBestUnitsComeFirst) {
  const Table table = BestUnitTable(SomeLabels(), 2);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0],
            (std::vector<std::string>{"pool5", "0", "bed", "0.200", "75%", "bed", "pillow 0.100"}));
  EXPECT_EQ(table.rows[1][1], "2");
  EXPECT_EQ(BestUnitTable(SomeLabels(), 0).rows.size(), 5u);
}

TEST(LabelReportTest, ALayerCanBeDrawnWithoutAnyLabel) {
  LayerLabels layer = SomeLabels()[0];
  const cv::Mat some = Raster(DrawLabels("net", layer));
  for (UnitLabel& unit : layer.units) unit.label.clear();
  const cv::Mat none = Raster(DrawLabels("net", layer));
  EXPECT_FALSE(some.empty());
  EXPECT_FALSE(none.empty());
}

}  // namespace
}  // namespace netdissect
