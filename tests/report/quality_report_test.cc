#include "report/quality_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/scratch.h"

namespace netdissect {
namespace {

UnitQualityResult SomeQualities() {
  UnitQuality bed;
  bed.unit = 4;
  bed.label = "bed";
  bed.largest = 8;
  bed.ap = 0.5;
  bed.chance = 0.1;
  bed.jaccard = 0.3;
  bed.best_jaccard = 0.4;
  bed.best_threshold = 0.25;
  bed.held_out_jaccard = std::nan("");
  bed.curve = {{900, 0.1, 1.0}, {300, 0.6, 0.4}, {0, 1, 0.1}};
  UnitQuality lamp = bed;
  lamp.unit = 9;
  lamp.label = "lamp";
  lamp.ap = 0.2;
  UnitQualityResult result;
  result.layers = {{"pool5", {lamp, bed}}};
  result.objects = {{"bed", "pool5", 4, 1, 0.5, 0.3}, {"lamp", "pool5", 9, 1, 0.2, 0.3}};
  result.annotated = 7;
  return result;
}

TEST(QualityReportTest, JsonHasTheKeysOfTheContract) {
  const Json json = ToJson(SomeQualities(), {});
  const Json& unit = json["layers"]["pool5"]["units"][1];
  EXPECT_EQ(unit["unit"], 4);
  EXPECT_EQ(unit["label"], "bed");
  EXPECT_EQ(unit["ap"], 0.5);
  EXPECT_EQ(unit["jaccard"], 0.3);
  EXPECT_EQ(unit["best_jaccard"], 0.4);
  EXPECT_EQ(unit["best_threshold"], 0.25);
  EXPECT_TRUE(unit["held_out_jaccard"].is_null());
  EXPECT_DOUBLE_EQ(json["mean_ap"].get<double>(), 0.35);
  EXPECT_EQ(json["objects"][0]["label"], "bed");
  EXPECT_TRUE(ToJson(UnitQualityResult(), {})["mean_ap"].is_null());
}

TEST(QualityReportTest, TablesHaveARowForEachObjectAndUnit) {
  const UnitQualityResult result = SomeQualities();
  const Table objects = ObjectTable(result);
  ASSERT_EQ(objects.rows.size(), 2u);
  EXPECT_EQ(objects.rows[0][0], "bed");
  EXPECT_EQ(objects.rows[0].size(), objects.header.size());
  EXPECT_EQ(objects.rows[0].back(), "");
  const Table units = QualityTable(result);
  ASSERT_EQ(units.rows.size(), 2u);
  EXPECT_EQ(units.rows[0].size(), units.header.size());
  EXPECT_EQ(units.rows[0][1], "9");
}

TEST(QualityReportTest, AnObjectOfNoUnitIsAnError) {
  const UnitQualityResult result = SomeQualities();
  EXPECT_EQ(BestUnit(result, result.objects[1]).label, "lamp");
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       BestUnit(result, {"sofa", "pool5", 5, 1, 0, 0});
                     }),
                     {"sofa", "pool5", "5"}));
}

TEST(QualityReportTest, FiguresDifferWithWhatTheyShow) {
  UnitQualityResult result = SomeQualities();
  const cv::Mat two = Raster(DrawCurves(result, 2)), one = Raster(DrawCurves(result, 1));
  ASSERT_EQ(two.size(), one.size());
  EXPECT_GT(cv::norm(two, one, cv::NORM_INF), 50);
  EXPECT_GT(cv::norm(Raster(DrawApHistogram(result)), Raster(DrawApHistogram({})), cv::NORM_INF),
            50);
  const cv::Mat picture(20, 30, CV_8UC3, cv::Scalar(200, 200, 200));
  cv::Mat mask = cv::Mat::zeros(20, 30, CV_8U), truth = mask.clone();
  mask(cv::Rect(0, 0, 15, 20)) = 255;
  truth(cv::Rect(10, 5, 10, 10)) = 255;
  const cv::Mat tile = QualityTile(picture, mask, truth);
  EXPECT_EQ(tile.at<cv::Vec3b>(tile.rows / 2, 2), cv::Vec3b(200, 200, 200));
  EXPECT_LT(tile.at<cv::Vec3b>(2, tile.cols - 3)[0], 60);
}

}  // namespace
}  // namespace netdissect
