#include "report/classify_report.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace netdissect {
namespace {

Model Named(std::vector<std::string> classes) {
  return {"net", Network({3, 4, 4}), {}, std::move(classes), ""};
}

Dataset TwoImages() {
  Dataset set;
  set.images = {{"/x/a.png", "a.png", 0}, {"/x/b.png", "b, b.png", 7}};
  return set;
}

ClassifyResult Example() {
  ClassifyResult result;
  result.predictions = {{0, 1, {{1, 0.75f}, {0, 0.25f}}}, {1, -1, {{0, 0.5f}, {2, 0.125f}}}};
  result.skipped = {{"c.png", "why"}};
  result.counted = 1;
  result.left_out = 1;
  result.top1 = 1;
  result.top5 = 1;
  return result;
}

Json Written(const ClassifyResult& result, const Model& model, const Dataset& set) {
  std::ostringstream text;
  WriteClassified(text, Provenance(), result, model, set);
  return Json::parse(text.str());
}

TEST(ClassifyJson, HasTheContractsKeys) {
  const Json json = Written(Example(), Named({"bar", "bed"}), TwoImages());
  EXPECT_EQ(json.at("top1"), 1);
  EXPECT_EQ(json.at("top5"), 1);
  EXPECT_EQ(json.at("images"), 1);
  EXPECT_EQ(json.at("left_out"), 1);
  EXPECT_EQ(json.at("skipped")[0].at("image"), "c.png");
  const Json& first = json.at("predictions")[0];
  EXPECT_EQ(first.at("image"), "a.png");
  EXPECT_EQ(first.at("target"), 1);
  EXPECT_EQ(first.at("classes")[0], (Json{{"class", 1}, {"name", "bed"}, {"score", 0.75}}));
  EXPECT_EQ(json.at("predictions")[1].at("classes")[1].at("name"), "class 2");  // without a name
}

TEST(ClassifyJson, WithoutLabelsAccuracyIsNull) {
  ClassifyResult result = Example();
  result.top1 = result.top5 = std::numeric_limits<double>::quiet_NaN();
  const Json json = Written(result, Named({}), TwoImages());
  EXPECT_TRUE(json.at("top1").is_null());
  EXPECT_TRUE(json.at("top5").is_null());
}

TEST(PredictionTable, HasAnImageARow) {
  const Table table = PredictionTable(Example(), Named({"bar", "bed"}), TwoImages());
  EXPECT_EQ(table.header,
            (std::vector<std::string>{"image", "target", "class1", "score1", "class2", "score2"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0],
            (std::vector<std::string>{"a.png", "bed", "bed", "0.750000", "bar", "0.250000"}));
  EXPECT_EQ(table.rows[1],
            (std::vector<std::string>{"b, b.png", "", "bar", "0.500000", "class 2", "0.125000"}));
  EXPECT_EQ(PredictionTable({}, Named({}), {}).header.size(), 2u);
}

TEST(ClassName, IsTheNameOrTheNumber) {
  EXPECT_EQ(ClassName(Named({"bar"}), 0), "bar");
  EXPECT_EQ(ClassName(Named({"bar"}), 17), "class 17");
}

}  // namespace
}  // namespace netdissect
