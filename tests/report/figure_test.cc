#include "report/figure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "base/scratch.h"
#include "data/pictures.h"
#include "netdissect/data/decode.h"
#include "report/ink.h"

namespace netdissect {
namespace {

cv::Mat Flat(int height, int width, const cv::Scalar& color) {
  return {height, width, CV_8UC3, color};
}

const cv::Scalar kRed(0, 0, 255), kWhite(255, 255, 255);

double Brightness(const cv::Mat& picture, int y, int x) {
  const auto pixel = picture.at<cv::Vec3b>(y, x);
  return 0.1 * pixel[0] + 0.6 * pixel[1] + 0.3 * pixel[2];
}

TEST(HeatMap, GetsBrighterWithTheValue) {
  const at::Tensor map = at::arange(0, 256).to(at::kFloat).view({1, 256}).repeat({3, 1}) * 1e-3;
  const cv::Mat heat = HeatMap(map);
  ASSERT_EQ(heat.size(), cv::Size(256, 3));
  ASSERT_EQ(heat.type(), CV_8UC3);
  EXPECT_LT(Brightness(heat, 0, 0), 10);
  EXPECT_GT(Brightness(heat, 0, 255), 200);
  for (int x = 16; x < 256; x += 16) {
    EXPECT_GT(Brightness(heat, 1, x), Brightness(heat, 1, x - 16)) << x;
  }
  EXPECT_EQ(Difference(HeatMap(map * 1000), heat), 0);  // relative to the maximum
}

TEST(HeatMap, OfNothingIsDark) {
  const cv::Mat heat = HeatMap(at::zeros({5, 6}));
  ASSERT_EQ(heat.size(), cv::Size(6, 5));
  EXPECT_LT(Brightness(heat, 2, 2), 10);
  EXPECT_LT(Brightness(HeatMap(at::full({5, 6}, -3.0)), 2, 2), 10);
}

TEST(PictureOf, UndoesTheWayIn) {
  const cv::Mat image = Gradient(20, 30);
  for (const ChannelOrder order : {ChannelOrder::kBgr, ChannelOrder::kRgb}) {
    InputFormat format;
    format.height = 20;
    format.width = 30;
    format.order = order;
    format.mean = {104, 117, 123};
    format.scale = {0.017f, 1.0f / 255, 3.0f};
    EXPECT_EQ(Difference(PictureOf(Squash(image, format), order), image), 0);
    EXPECT_EQ(Difference(PictureOfInput(Preprocess(image, format), format), image), 0);
    format.mean_image = at::rand({3, 20, 30}) * 255;
    EXPECT_EQ(Difference(PictureOfInput(Preprocess(image, format), format), image), 0);
  }
}

TEST(PictureOf, ClampsToThePixelsRange) {
  InputFormat format;
  format.height = format.width = 4;
  EXPECT_EQ(Difference(PictureOfInput(at::full({3, 4, 4}, 1000.0), format), Flat(4, 4, kWhite)), 0);
  EXPECT_EQ(Difference(PictureOfInput(at::full({3, 4, 4}, -9.0), format), Flat(4, 4, {})), 0);
}

TEST(Enlarge, MakesSquaresOfPixels) {
  const cv::Mat image = Gradient(3, 4);
  const cv::Mat large = Enlarge(image, 5);
  ASSERT_EQ(large.size(), cv::Size(20, 15));
  for (int y = 0; y < 15; ++y) {
    for (int x = 0; x < 20; ++x) {
      EXPECT_EQ(large.at<cv::Vec3b>(y, x), image.at<cv::Vec3b>(y / 5, x / 5));
    }
  }
}

TEST(RowAndColumn, PlaceImagesOnWhite) {
  const cv::Mat a = Flat(10, 20, kRed), b = Flat(30, 5, kRed);
  const cv::Mat row = Row({a, b}, 4), column = Column({a, b}, 4);
  EXPECT_EQ(row.size(), cv::Size(29, 30));
  EXPECT_EQ(column.size(), cv::Size(20, 44));
  for (const cv::Mat& sheet : {row, column}) EXPECT_EQ(Ink(sheet), 10 * 20 + 30 * 5);
  EXPECT_EQ(Difference(row(cv::Rect(24, 0, 5, 30)), b), 0);
  EXPECT_EQ(Difference(row(cv::Rect(20, 0, 4, 30)), Flat(30, 4, kWhite)), 0);
  EXPECT_EQ(Difference(column(cv::Rect(0, 14, 5, 30)), b), 0);
  EXPECT_EQ(Row({a}).size(), a.size());
  EXPECT_EQ(Row({}).size(), cv::Size(1, 1));
}

TEST(Captioned, HasTextAboveTheImage) {
  const cv::Mat image = Flat(10, 200, kRed);
  const cv::Mat captioned = Captioned(image, "unit 3");
  EXPECT_EQ(captioned.cols, 200);
  ASSERT_GT(captioned.rows, 18);
  EXPECT_EQ(Difference(captioned(cv::Rect(0, captioned.rows - 10, 200, 10)), image), 0);
  EXPECT_GT(Ink(captioned(cv::Rect(0, 0, 200, captioned.rows - 10))), 20);
  EXPECT_GT(Captioned(Flat(10, 10, kRed), "a long caption over a small image").cols, 150);
  EXPECT_GT(Captioned(image, "unit 3", 20).rows, captioned.rows);
  // A name that nobody reads to its end does not make a sheet as wide as it.
  EXPECT_LE(Captioned(image, std::string(5000, 'w')).cols, 1010);
}

TEST(Framed, HasAMarginOnEverySide) {
  const cv::Mat framed = Framed(Flat(10, 20, kRed), 3);
  EXPECT_EQ(framed.size(), cv::Size(26, 16));
  EXPECT_EQ(Ink(framed), 200);
  EXPECT_EQ(Difference(framed(cv::Rect(3, 3, 20, 10)), Flat(10, 20, kRed)), 0);
}

TEST(DrawContour, OutlinesWhatIsAboveTheLevel) {
  at::Tensor map = at::zeros({10, 12});
  map.narrow(0, 2, 4).narrow(1, 3, 5).fill_(1.0);
  cv::Mat picture = Flat(30, 36, kWhite);
  DrawContour(picture, map, 0.5, 3, kRed);
  // Pixels (6..17, 9..23): their rim, and nothing inside or outside.
  EXPECT_EQ(Ink(picture), 2 * 15 + 2 * 12 - 4);
  EXPECT_EQ(picture.at<cv::Vec3b>(6, 9), cv::Vec3b(0, 0, 255));
  EXPECT_EQ(picture.at<cv::Vec3b>(17, 23), cv::Vec3b(0, 0, 255));
  EXPECT_EQ(picture.at<cv::Vec3b>(10, 15), cv::Vec3b(255, 255, 255));
  cv::Mat untouched = Flat(30, 36, kWhite);
  DrawContour(untouched, map, 1.0, 3, kRed);  // nothing is above
  EXPECT_EQ(Ink(untouched), 0);
}

TEST(WritePng, IsReadableAndWhole) {
  const ScratchFolder folder;
  const cv::Mat image = Gradient(21, 33);
  const Path path = folder.path() / "rf" / "conv1" / "unit_0003.png";
  WritePng(path, image);
  EXPECT_EQ(Difference(DecodeImage(path), image), 0);
  EXPECT_EQ(folder.CountFiles(), 1u);  // no temporary file left
  EXPECT_TRUE(HasAll(ErrorOf([&] { WritePng(folder.path() / "empty.png", cv::Mat()); }),
                     {"empty.png", "PNG"}));
}

}  // namespace
}  // namespace netdissect
