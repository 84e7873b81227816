#include "probe/unit_map.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/count_nonzero.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/scratch.h"
#include "netdissect/data/preprocess.h"
#include "probe/delta_network.h"

namespace netdissect {
namespace {

// Bilinear interpolation at every pixel by the definition.
double SlowAxis(const AxisField& field, int positions, int input_size, int size, int pixel) {
  if (field.everything && field.pitch == 0) return 0;
  const double input = (pixel + 0.5) * input_size / size - 0.5;
  const double at = field.everything
                        ? (input - field.first_place) / field.pitch
                        : (input - 0.5 * static_cast<double>(field.start + field.end)) /
                              static_cast<double>(field.stride);
  return std::min(std::max(at, 0.0), positions - 1.0);
}

double SlowScaled(const std::vector<float>& map, const Shape& layer, double y, double x) {
  double sum = 0;
  for (int i = 0; i < layer.height; ++i) {
    for (int j = 0; j < layer.width; ++j) {
      const double weight = std::max(0.0, 1 - std::abs(y - i)) * std::max(0.0, 1 - std::abs(x - j));
      sum += weight * map[static_cast<size_t>(i * layer.width + j)];
    }
  }
  return sum;
}

TEST(UnitMap, AgreesWithInterpolationByDefinition) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const auto between = [&](int low, int high) {
      return low + static_cast<int>(random.Below(static_cast<uint64_t>(high - low + 1)));
    };
    const Shape layer{1, between(1, 9), between(1, 9)};
    ReceptiveField field;
    for (AxisField* axis : {&field.y, &field.x}) {
      axis->start = between(-20, 10);
      axis->end = axis->start + between(0, 40);
      axis->stride = std::max(0, between(-3, 9));
      axis->everything = axis->stride == 0;
      if (axis->everything && between(0, 1) == 0) {  // behind a gate
        axis->first_place = between(-8, 8);
        axis->pitch = 0.5 * between(1, 12);
      }
    }
    const int input_height = between(1, 60), input_width = between(1, 60);
    std::vector<float> map(static_cast<size_t>(layer.height * layer.width));
    for (float& value : map) value = static_cast<float>(random.Normal());
    const int height = between(1, 50), width = between(1, 50);
    const UnitMapScaler scaler(field, layer,
                               SquashedView({input_width, input_height}, cv::Size(width, height)));
    cv::Mat out;
    scaler(map.data(), out);
    ASSERT_EQ(out.rows, scaler.height());
    ASSERT_EQ(out.cols, scaler.width());
    for (int y = 0; y < out.rows; ++y) {
      for (int x = 0; x < out.cols; ++x) {
        const double expected =
            SlowScaled(map, layer, SlowAxis(field.y, layer.height, input_height, out.rows, y),
                       SlowAxis(field.x, layer.width, input_width, out.cols, x));
        ASSERT_NEAR(out.at<float>(y, x), expected, 1e-4) << "seed " << seed;
      }
    }
  }
}

class Placement : public testing::TestWithParam<const char*> {
 protected:
  DeltaNetwork Make() const {
    return std::string(GetParam()) == "AlexNet" ? DeltaNetwork::AlexNet()
                                                : DeltaNetwork::SqueezeNet();
  }
};

// Without half a stride's shift: the upsampled map's only peak is the bright pixel itself.
TEST_P(Placement, PeakLiesAtTheBrightPixel) {
  const DeltaNetwork made = Make();
  const Shape& shape = made.shape();
  const UnitMapScaler scaler(made.field(), shape, SquashedView({227, 227}, {227, 227}));
  int inside = 0;
  for (int i = 0; i < shape.height; ++i) {
    const int j = (5 * i + 2) % shape.width;
    const auto y = static_cast<int>(made.field().y.Centre(i));
    const auto x = static_cast<int>(made.field().x.Centre(j));
    if (y >= 227 || x >= 227) continue;
    ++inside;
    const at::Tensor map = made.MapOf(DeltaNetwork::BrightPixel(227, y, x));
    ASSERT_EQ(map[i][j].item<float>(), 1) << i;
    ASSERT_EQ(at::count_nonzero(map).item<int64_t>(), 1) << i;
    cv::Mat out;
    scaler(map.data_ptr<float>(), out);
    // At the border constant continuation makes the peak a plateau: the bright pixel is on it.
    EXPECT_EQ(out.at<float>(y, x), 1);
    if (i == 0 || j == 0 || i == shape.height - 1 || j == shape.width - 1) continue;
    EXPECT_EQ(cv::countNonZero(out == 1), 1);
    // And it falls off alike on all sides, to nothing at a stride's distance.
    const auto stride = static_cast<int>(made.field().y.stride);
    for (int d = 1; d <= stride; ++d) {
      const float expected = 1 - static_cast<float>(d) / static_cast<float>(stride);
      for (const auto& [dy, dx] : {std::pair(d, 0), {-d, 0}, {0, d}, {0, -d}}) {
        ASSERT_NEAR(out.at<float>(y + dy, x + dx), expected, 1e-5) << d;
      }
    }
  }
  EXPECT_GE(inside, 12);
}

// Also where the image is squashed: 2 x 2 equal pixels of an image of twice the size are one.
TEST_P(Placement, PeakLiesAtTheBrightPixelsOfALargerImage) {
  const DeltaNetwork made = Make();
  const int i = 6, j = 4;
  const auto y = static_cast<int>(2 * made.field().y.Centre(i));
  const auto x = static_cast<int>(2 * made.field().x.Centre(j));
  cv::Mat image(454, 454, CV_8UC3, cv::Scalar::all(0));
  image(cv::Rect(x, y, 2, 2)) = cv::Scalar::all(255);
  const at::Tensor map = made.MapOf(Preprocess(image, InputFormat{}).unsqueeze(0));
  const UnitMapScaler scaler(made.field(), made.shape(), SquashedView({227, 227}, {454, 454}));
  cv::Mat out;
  scaler(map.data_ptr<float>(), out);
  double largest = 0;
  cv::minMaxLoc(out, nullptr, &largest);
  const cv::Mat peak = out > 0.9999 * largest;
  EXPECT_EQ(cv::countNonZero(peak), 4);
  EXPECT_EQ(cv::countNonZero(peak(cv::Rect(x, y, 2, 2))), 4);
}

INSTANTIATE_TEST_SUITE_P(Geometries, Placement, testing::Values("AlexNet", "SqueezeNet"),
                         [](const auto& each) { return each.param; });

TEST(UnitMap, SizesOfNothingAreRefused) {
  const ReceptiveField field;
  const InputView view = SquashedView({227, 227}, {5, 5});
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       UnitMapScaler(field, {1, 0, 3}, view);
                     }),
                     {"expected positions above 0", "found 0"}));
}

}  // namespace
}  // namespace netdissect
