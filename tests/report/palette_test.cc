#include "report/palette.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "base/scratch.h"

namespace netdissect {
namespace {

// What people who lack a kind of cones see (Machado, Oliveira and Fernandes 2009), in linear light.
const cv::Matx33d kEyes[] = {
    cv::Matx33d::eye(),
    {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
    {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881}};

// A colour in CIE L*a*b*, where distances are as they are seen.
cv::Vec3d Seen(const cv::Scalar& color, const cv::Matx33d& eye) {
  const auto linear = [](double value) {
    const double share = value / 255;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
  };
  const cv::Vec3d light = eye * cv::Vec3d(linear(color[2]), linear(color[1]), linear(color[0]));
  const cv::Matx33d to_xyz(0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505,  //
                           0.2126, 0.7152, 0.0722,                             //
                           0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089);
  cv::Vec3d xyz = to_xyz * light;
  for (int i = 0; i < 3; ++i) {
    xyz[i] = xyz[i] > 0.008856 ? std::cbrt(xyz[i]) : 7.787 * xyz[i] + 16.0 / 116;
  }
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

std::string HexOf(const cv::Scalar& color) {
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(color[2]), static_cast<int>(color[1]),
                     static_cast<int>(color[0]));
}

TEST(Palette, ContrastIsTheRatioOfTheStandard) {
  EXPECT_NEAR(ContrastOf({0, 0, 0}, {255, 255, 255}), 21, 1e-9);
  EXPECT_NEAR(ContrastOf({77, 77, 77}, {77, 77, 77}), 1, 1e-9);
  EXPECT_NEAR(ContrastOf({0x77, 0x77, 0x77}, {255, 255, 255}), 4.478, 1e-3);
  EXPECT_NEAR(ContrastOf({255, 0, 0}, {255, 255, 255}), 8.592, 1e-3);  // blue
}

TEST(Palette, TextCanBeRead) {
  EXPECT_GE(ContrastOf(InkColor(), PaperColor()), 7);
  EXPECT_GE(ContrastOf(MutedColor(), PaperColor()), 4.5);
  for (int i = 0; i < 60; ++i) {
    const cv::Vec3b distinct = DistinctColor(i);
    for (const cv::Scalar& color :
         {SeriesColor(static_cast<size_t>(i)), cv::Scalar(distinct[0], distinct[1], distinct[2])}) {
      EXPECT_GE(ContrastOf(TextColorOn(color), color), 4.5) << HexOf(color);
    }
  }
}

TEST(Palette, SeriesAreToldApartByEveryEye) {
  for (const cv::Matx33d& eye : kEyes) {
    for (size_t i = 0; i < kSeriesColors; ++i) {
      EXPECT_GT(cv::norm(Seen(SeriesColor(i), eye), Seen(PaperColor(), eye)), 30) << i;
      for (size_t j = 0; j < i; ++j) {
        EXPECT_GT(cv::norm(Seen(SeriesColor(i), eye), Seen(SeriesColor(j), eye)), 17)
            << i << " " << j;
      }
    }
  }
  EXPECT_EQ(SeriesColor(kSeriesColors), SeriesColor(0));
}

TEST(Palette, NeighboursOfManyDiffer) {
  for (int i = 1; i < 200; ++i) {
    EXPECT_GT(cv::norm(DistinctColor(i), DistinctColor(i - 1)), 60) << i;
  }
}

TEST(Palette, PagesHaveTheSameColours) {
  const std::string style = ReadFile(Path(NETDISSECT_SOURCE_DIR) / "src/report/web/page.css");
  const std::pair<const char*, cv::Scalar> colors[] = {
      {"paper", PaperColor()}, {"ink", InkColor()},   {"muted", MutedColor()},
      {"line", AxisColor()},   {"grid", GridColor()}, {"accent", SeriesColor(0)},
      {"mark", SeriesColor(1)}};
  for (const auto& [name, color] : colors) {
    EXPECT_TRUE(HasAll(style, {fmt::format("  --{}: {};", name, HexOf(color))}));
  }
}

}  // namespace
}  // namespace netdissect
