#include "tools/train_report.h"

#include <gtest/gtest.h>

#include <cmath>

namespace netdissect {
namespace {

TrainResult Curve(int epochs) {
  TrainResult result;
  for (int i = 1; i <= epochs; ++i) {
    EpochRecord epoch;
    epoch.epoch = i;
    epoch.loss = 2.3 / i;
    epoch.train_top1 = 1 - 0.8 / i;
    epoch.top1 = 0.9 - 0.7 / i;
    epoch.top5 = 1 - 0.3 / i;
    result.epochs.push_back(epoch);
  }
  return result;
}

TEST(TrainReport, WhatIsNotMeasuredIsNull) {
  TrainResult result = Curve(1);
  result.top1 = result.top5 = result.epochs[0].top1 = NAN;
  result.images = 100;
  result.step_seconds = 4;
  const Json json = ToJson(result);
  EXPECT_TRUE(json["top1"].is_null());
  EXPECT_TRUE(json["epochs"][0]["top1"].is_null());
  EXPECT_EQ(json["images_per_second"], 25);
  EXPECT_EQ(CurveTable(result).rows[0][3], "");
}

TEST(TrainReport, TheCurveFallsAndRises) {
  const cv::Mat picture = Raster(DrawCurve(Curve(20), "striped"));
  EXPECT_EQ(picture.type(), CV_8UC3);
  // The orange of top-1 begins low and ends high.
  const auto height_of_orange = [&](int x) {
    for (int y = 0; y < picture.rows; ++y) {
      const cv::Vec3b pixel = picture.at<cv::Vec3b>(y, x);
      if (pixel[2] > 200 && pixel[1] > 80 && pixel[1] < 160 && pixel[0] < 80) return y;
    }
    return -1;
  };
  const int early = height_of_orange(80), late = height_of_orange(520);
  EXPECT_GT(early, 0);
  EXPECT_GT(late, 0);
  EXPECT_GT(early, late + 40);
  for (const int epochs : {0, 1, 2, 300})
    EXPECT_FALSE(Raster(DrawCurve(Curve(epochs), "x")).empty());
}

}  // namespace
}  // namespace netdissect
