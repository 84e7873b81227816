#include "train/augment.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include "base/scratch.h"
#include "data/pictures.h"

namespace netdissect {
namespace {

InputFormat Format(ChannelOrder order) {
  InputFormat format;
  format.height = 24;
  format.width = 18;
  format.order = order;
  format.mean = {104, 117, 123};
  format.scale = {0.5f, 0.25f, 2};
  return format;
}

// (3, height, width), as Preprocess gives it.
at::Tensor Variation(const cv::Mat& image, const InputFormat& format, const AugmentOptions& options,
                     uint64_t seed) {
  at::Tensor pixels = at::empty({format.height, format.width, format.channels()}, at::kFloat);
  Random random(seed);
  Augmenter(format, options).Write(image, random, pixels.data_ptr<float>());
  return pixels.permute({2, 0, 1});
}

TEST(Augment, NothingVariedIsPreprocess) {
  const cv::Mat image = Gradient(40, 50);
  for (const ChannelOrder order : {ChannelOrder::kBgr, ChannelOrder::kRgb, ChannelOrder::kGray}) {
    InputFormat format = Format(order);
    for (const bool mean_image : {false, true}) {
      if (mean_image) format.mean_image = at::rand({format.channels(), 24, 18}) * 255;
      EXPECT_TRUE(Variation(image, format, {1, false, 0}, 3).equal(Preprocess(image, format)));
    }
    format.resize = ResizeMode::kLetterbox;
    format.antialias = true;
    EXPECT_TRUE(Variation(image, format, {1, false, 0}, 3).equal(Preprocess(image, format)));
  }
}

TEST(Augment, MirrorsHalfOfTheTime) {
  const cv::Mat image = Gradient(40, 50);
  const InputFormat format = Format(ChannelOrder::kBgr);
  const at::Tensor plain = Preprocess(image, format);
  int mirrored = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const at::Tensor input = Variation(image, format, {1, true, 0}, seed);
    if (input.equal(plain)) continue;
    EXPECT_TRUE(input.equal(plain.flip(2)));
    ++mirrored;
  }
  EXPECT_GT(mirrored, 30);
  EXPECT_LT(mirrored, 70);
}

TEST(Augment, CropsLieInTheImageAndReachItsEnds) {
  // Blue counts rows and green counts columns, so that a crop shows where it is.
  cv::Mat image(100, 200, CV_8UC3);
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 200; ++x) {
      image.at<cv::Vec3b>(y, x) = {static_cast<uchar>(y), static_cast<uchar>(x), 0};
    }
  }
  InputFormat format;
  format.height = format.width = 30;
  double least_height = 100, most_height = 0, top = 100, bottom = 0, right = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const at::Tensor input = Variation(image, format, {0.5, false, 0}, seed);
    const double first = input[0].min().item<double>(), last = input[0].max().item<double>();
    EXPECT_GE(first, 0);
    EXPECT_LE(last, 99);
    // Centres of the first and last of 30 rows are 29 / 30 of the crop apart.
    const double height = (last - first) * 30 / 29;
    least_height = std::min(least_height, height);
    most_height = std::max(most_height, height);
    top = std::min(top, first);
    bottom = std::max(bottom, last);
    right = std::max(right, input[1].max().item<double>());
  }
  EXPECT_NEAR(least_height, 50, 5);
  EXPECT_NEAR(most_height, 100, 5);
  EXPECT_LE(top, 3);
  EXPECT_GE(bottom, 96);
  EXPECT_GE(right, 190);
}

TEST(Augment, JitterChangesContrastAndBrightnessWithinBounds) {
  cv::Mat image(10, 10, CV_8UC3, cv::Scalar(128, 128, 128));
  image.col(0).setTo(cv::Scalar(28, 28, 28));
  InputFormat format;
  format.height = format.width = 10;
  double least = 1, most = 1, darkest = 0, brightest = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const at::Tensor input = Variation(image, format, {1, false, 0.3}, seed);
    const double middle = input[0][5][5].item<double>();
    const double contrast = (middle - input[0][5][0].item<double>()) / 100;
    least = std::min(least, contrast);
    most = std::max(most, contrast);
    darkest = std::min(darkest, middle - 128);
    brightest = std::max(brightest, middle - 128);
  }
  EXPECT_NEAR(least, 0.7, 0.03);
  EXPECT_NEAR(most, 1.3, 0.03);
  EXPECT_NEAR(darkest, -0.3 * 128, 3);
  EXPECT_NEAR(brightest, 0.3 * 128, 3);
  EXPECT_GE(least, 0.7 - 1e-5);
  EXPECT_LE(most, 1.3 + 1e-5);
}

TEST(Augment, RefusesOptionsOutOfRange) {
  EXPECT_TRUE(HasAll(ErrorOf([] {
                       AugmentOptions{0, true, 0}.Validate();
                     }),
                     {"crop", "(0, 1]", "0"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { AugmentOptions{1, true, 1}.Validate(); }), {"jitter", "[0, 1)"}));
}

}  // namespace
}  // namespace netdissect
