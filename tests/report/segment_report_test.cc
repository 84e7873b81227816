#include "report/segment_report.h"

#include <gtest/gtest.h>

#include "data/coco_rle.h"
#include "data/pictures.h"
#include "report/localize_report.h"

namespace netdissect {
namespace {

cv::Mat TwoRegions() {
  cv::Mat mask = cv::Mat::zeros(20, 30, CV_8U);
  mask(cv::Rect(3, 4, 5, 6)) = 255;
  mask(cv::Rect(20, 1, 8, 9)) = 255;
  return mask;
}

TEST(SegmentReport, HasTheContractsKeys) {
  const Json json = SegmentJson("a.png", 7.5f, 3.25, TwoRegions());
  EXPECT_EQ(json.at("image"), "a.png");
  EXPECT_EQ(json.at("value"), 7.5);
  EXPECT_EQ(json.at("threshold"), 3.25);
  EXPECT_EQ(json.at("area"), 30 + 72);
  EXPECT_EQ(json.at("boxes"), (Json{{20, 1, 8, 9}, {3, 4, 5, 6}}));  // the largest first
  EXPECT_EQ(Difference(DecodeRle(RleFromJson(json.at("mask"))), TwoRegions()), 0);
}

TEST(SegmentReport, TheBackgroundHasAFifthOfItsBrightness) {
  const cv::Mat picture = Gradient(20, 30), mask = TwoRegions();
  const cv::Mat drawn = DrawSegment(picture, mask);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double before = picture.at<cv::Vec3b>(y, x)[c];
        const double expected = mask.at<uchar>(y, x) != 0 ? before : 0.2 * before;
        ASSERT_NEAR(drawn.at<cv::Vec3b>(y, x)[c], expected, 0.51);
      }
    }
  }
  EXPECT_EQ(Difference(picture, Gradient(20, 30)), 0) << "the caller's picture was changed";
}

TEST(LocalizeReport, BoxesAreWholePixelsOfThePicture) {
  const auto squashed = [](const cv::Size& picture) { return SquashedView({227, 227}, picture); };
  EXPECT_EQ(PictureBox({10, 20, 30, 40}, squashed({227, 227})), cv::Rect(10, 20, 30, 40));
  EXPECT_EQ(PictureBox({10, 20, 30, 40}, squashed({454, 681})), cv::Rect(20, 60, 60, 120));
  EXPECT_EQ(PictureBox({0, 0, 227, 227}, squashed({100, 33})), cv::Rect(0, 0, 100, 33));
  // Never empty and never outside.
  EXPECT_EQ(PictureBox({226.9, 226.9, 0.1, 0.1}, squashed({10, 10})), cv::Rect(9, 9, 1, 1));
  InputFormat format;
  format.height = format.width = 100;
  format.resize = ResizeMode::kCrop;
  // 400 x 200 becomes 200 x 100, of which columns 50 to 150 are seen.
  EXPECT_EQ(PictureBox({10, 20, 30, 40}, ViewOf(format, {400, 200})), cv::Rect(120, 40, 60, 80));
  format.resize = ResizeMode::kLetterbox;
  // It becomes 100 x 50, between bars of 25 rows.
  EXPECT_EQ(PictureBox({10, 30, 30, 40}, ViewOf(format, {400, 200})), cv::Rect(40, 20, 120, 160));
  EXPECT_EQ(PictureBox({10, 0, 30, 40}, ViewOf(format, {400, 200})), cv::Rect(40, 0, 120, 60));
}

}  // namespace
}  // namespace netdissect
