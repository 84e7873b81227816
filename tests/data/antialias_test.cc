#include "data/antialias.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/random.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

cv::Mat Whole(const cv::Mat& picture, const cv::Size& size, Interpolation interpolation) {
  return ResizeAntialiased(picture, size, {{0, 0}, size}, interpolation);
}

// Made of a formula, so that another program can make it too.
cv::Mat Formula(int height, int width) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        picture.at<cv::Vec3b>(y, x)[c] =
            static_cast<uchar>((7 * x * x + 13 * y + 31 * c * x * y) % 256);
      }
    }
  }
  return picture;
}

// What PIL 9.4's Image.resize makes of these.
TEST(ResizeAntialiased, EqualsPil) {
  const struct {
    cv::Size from, to;
    Interpolation interpolation;
    std::vector<int> values;
  } cases[] = {
      {{11, 7}, {4, 3}, Interpolation::kBilinear, {26,  52,  59,  105, 136, 113, 131, 150, 155,
                                                   139, 140, 130, 54,  119, 114, 129, 127, 130,
                                                   128, 123, 139, 163, 158, 145, 82,  125, 114,
                                                   157, 143, 133, 127, 183, 113, 121, 150, 119}},
      {{11, 7}, {4, 3}, Interpolation::kBicubic, {18,  42,  52,  106, 139, 114, 133, 152, 163,
                                                  142, 140, 130, 48,  121, 110, 132, 129, 131,
                                                  125, 117, 141, 175, 164, 146, 78,  124, 112,
                                                  165, 142, 137, 128, 191, 109, 115, 148, 118}},
      {{4, 5},
       {3, 8},
       Interpolation::kBilinear,
       {2,  2,  2,  18, 18,  18,  53, 53,  53,  8,  12, 16, 24, 44,  64,  59,  95,  53,
        16, 25, 36, 32, 81,  123, 67, 144, 60,  24, 40, 55, 40, 118, 109, 75,  93,  125,
        32, 54, 75, 48, 155, 135, 83, 97,  157, 40, 68, 95, 56, 192, 201, 91,  157, 158,
        48, 81, 72, 64, 158, 124, 99, 174, 116, 54, 91, 52, 70, 128, 58,  105, 183, 83}},
      {{4, 5},
       {3, 8},
       Interpolation::kBicubic,
       {0,  0,  0,  16, 13,  9,   55,  49,  56,  5,  7,  8,  21, 37,  64,  60,  100, 48,
        15, 20, 27, 31, 80,  134, 70,  155, 54,  23, 32, 53, 39, 124, 105, 78,  84,  129,
        31, 43, 76, 47, 169, 135, 86,  83,  168, 39, 55, 90, 55, 204, 216, 94,  159, 156,
        49, 79, 68, 65, 160, 126, 104, 181, 112, 54, 93, 48, 70, 121, 46,  109, 187, 80}}};
  for (const auto& each : cases) {
    const cv::Mat made =
        Whole(Formula(each.from.height, each.from.width), each.to, each.interpolation);
    ASSERT_EQ(made.size(), each.to);
    const std::vector<int> values(made.data, made.data + 3 * made.total());
    EXPECT_EQ(values, each.values) << each.to;
  }
}

// A flat picture stays flat, and a ramp a ramp but for its ends, where the filter is cut off.
TEST(ResizeAntialiased, KeepsFlatPicturesAndRamps) {
  for (const Interpolation interpolation : {Interpolation::kBilinear, Interpolation::kBicubic}) {
    const cv::Mat flat(50, 70, CV_8UC3, cv::Scalar(3, 130, 255));
    for (const cv::Size size : {cv::Size(7, 9), cv::Size(64, 49), cv::Size(100, 90)}) {
      EXPECT_EQ(cv::norm(Whole(flat, size, interpolation),
                         cv::Mat(size, CV_8UC3, cv::Scalar(3, 130, 255)), cv::NORM_INF),
                0);
    }
    cv::Mat ramp(60, 240, CV_8UC3);
    for (int y = 0; y < 60; ++y) {
      for (int x = 0; x < 240; ++x) {
        ramp.at<cv::Vec3b>(y, x) = cv::Vec3b(static_cast<uchar>(x), static_cast<uchar>(240 - x),
                                             static_cast<uchar>(4 * y));
      }
    }
    const cv::Mat made = Whole(ramp, {48, 20}, interpolation);
    for (int y = 2; y < 18; ++y) {
      for (int x = 2; x < 46; ++x) {
        const cv::Vec3b pixel = made.at<cv::Vec3b>(y, x);
        ASSERT_NEAR(pixel[0], (x + 0.5) * 5 - 0.5, 0.51);
        ASSERT_NEAR(pixel[1], 240 - ((x + 0.5) * 5 - 0.5), 0.51);
        ASSERT_NEAR(pixel[2], 4 * ((y + 0.5) * 3 - 0.5), 0.51);
      }
    }
  }
}

// A part is cut out of the whole, whatever rows and columns it is made of.
TEST(ResizeAntialiased, APartIsThatOfTheWhole) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto between = [&](int low, int high) {
      return low + static_cast<int>(random.Below(static_cast<uint64_t>(high - low + 1)));
    };
    const cv::Mat picture = Formula(between(1, 60), between(1, 60));
    const cv::Size size(seed % 5 == 0 ? picture.cols : between(1, 60),
                        seed % 7 == 0 ? picture.rows : between(1, 60));
    cv::Rect part(between(0, size.width - 1), between(0, size.height - 1), 0, 0);
    part.width = between(1, size.width - part.x);
    part.height = between(1, size.height - part.y);
    for (const Interpolation interpolation : {Interpolation::kBilinear, Interpolation::kBicubic}) {
      const cv::Mat whole = Whole(picture, size, interpolation);
      const cv::Mat made = ResizeAntialiased(picture, size, part, interpolation);
      ASSERT_EQ(made.size(), part.size());
      ASSERT_EQ(cv::norm(made, whole(part), cv::NORM_INF), 0) << seed;
    }
  }
}

// Lines of a pixel every ten are a grey of their share wherever they begin: nothing is overlooked.
TEST(ResizeAntialiased, FineLinesKeepTheirShare) {
  for (int shift : {0, 5}) {
    cv::Mat picture(1000, 1000, CV_8UC3, cv::Scalar::all(255));
    for (int at = shift; at < 1000; at += 10) {
      picture.row(at) = cv::Scalar::all(0);
      picture.col(at) = cv::Scalar::all(0);
    }
    const cv::Mat made = Whole(picture, {100, 100}, Interpolation::kBilinear);
    EXPECT_NEAR(cv::mean(made(cv::Rect(5, 5, 90, 90)))[0], 0.81 * 255, 1);
  }
}

}  // namespace
}  // namespace netdissect
