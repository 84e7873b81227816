#include "report/drawing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <opencv2/imgcodecs.hpp>
#include <thread>

#include "base/scratch.h"
#include "data/pictures.h"
#include "report/canvas.h"
#include "report/figure.h"
#include "report/ink.h"

namespace netdissect {
namespace {

Drawing Block(double width, double height, const cv::Scalar& color, const std::string& text = "") {
  return {width, height, [=](Canvas& canvas) {
            canvas.Fill({0, 0, width, height}, color);
            canvas.Text(text, {2, height - 4}, 0, {});
          }};
}

const cv::Scalar kSignal(0, 0, 255), kCalm(255, 0, 0);

TEST(Drawing, IsAPictureOfItsSize) {
  const cv::Mat picture = Raster(Block(20, 10, kSignal));
  EXPECT_EQ(picture.size(), cv::Size(20, 10));
  EXPECT_EQ(picture.type(), CV_8UC3);
  EXPECT_EQ(PixelsOf(picture, kSignal), 200);
  EXPECT_EQ(Raster(Block(19.5, 9.2, kSignal)).size(), cv::Size(20, 10));
  EXPECT_EQ(Ink(Raster({30, 40, nullptr})), 0);
  EXPECT_EQ(Raster({}).size(), cv::Size(1, 1));
}

TEST(Drawing, IsArrangedAsPicturesAre) {
  const Drawing a = Block(20, 10, kSignal), b = Block(16, 30, kCalm, "b");
  const cv::Mat picture_a = Raster(a), picture_b = Raster(b);
  EXPECT_EQ(Difference(Raster(Beside({a, b}, 4)), Row({picture_a, picture_b}, 4)), 0);
  EXPECT_EQ(Difference(Raster(Stacked({a, b}, 4)), Column({picture_a, picture_b}, 4)), 0);
  EXPECT_EQ(Difference(Raster(Framed(Stacked({a, Beside({b, a})}), 5)),
                       Framed(Column({picture_a, Row({picture_b, picture_a})}), 5)),
            0);
  EXPECT_EQ(Raster(Beside({})).size(), cv::Size(1, 1));
}

TEST(Drawing, FilesAreTheSameEachTime) {
  const Drawing drawing =
      Beside({Block(200, 60, kSignal, "Straße, 駅"), Block(40, 30, kCalm, "b")});
  const std::string svg = Svg(drawing), pdf = Pdf(drawing);
  EXPECT_TRUE(HasAll(svg, {"<?xml", "<svg", "248", "60", "</svg>"}));
  EXPECT_EQ(svg.find("<text"), std::string::npos) << "letters need no font";
  EXPECT_EQ(pdf.rfind("%PDF-", 0), 0u);
  // Another drawing, and a second that a date would show.
  Svg(Block(10, 10, kCalm, "between"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_TRUE(Svg(drawing) == svg);
  EXPECT_TRUE(Pdf(drawing) == pdf);
}

TEST(Drawing, IsWrittenAsPictureAndAsLines) {
  const ScratchFolder folder;
  const Drawing drawing = Block(20, 10, kSignal);
  WriteDrawing(folder.path() / "labels" / "fire9.concat", drawing);
  EXPECT_EQ(folder.CountFiles(), 2u);
  EXPECT_EQ(
      Difference(cv::imread((folder.path() / "labels/fire9.concat.png").string()), Raster(drawing)),
      0);
  EXPECT_TRUE(ReadFile(folder.path() / "labels/fire9.concat.svg") == Svg(drawing));
}

TEST(Drawing, ThatIsTooLargeForAPictureIsAnError) {
  EXPECT_TRUE(HasAll(ErrorOf([] { Raster(Block(40000, 1, kSignal)); }), {"drawing"}));
}

}  // namespace
}  // namespace netdissect
