#include "netdissect/probe/segmentation.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "base/scratch.h"
#include "netdissect/data/decode.h"
#include "probe/delta_network.h"
#include "probe/small_model.h"
#include "probe/unit_map.h"

namespace netdissect {
namespace {

cv::Mat RandomMask(Random& random, int height, int width, double density) {
  cv::Mat mask(height, width, CV_8U);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      mask.at<uchar>(y, x) = static_cast<uchar>(random.Uniform() < density ? 255 : 0);
    }
  }
  return mask;
}

at::Tensor RandomMap(Random& random, const Shape& shape) {
  at::Tensor map = at::empty({shape.height, shape.width});
  for (int64_t i = 0; i < map.numel(); ++i) {
    map.data_ptr<float>()[i] = static_cast<float>(random.Uniform());
  }
  return map;
}

class MaskPlacement : public testing::TestWithParam<const char*> {
 protected:
  DeltaNetwork Make() const {
    return std::string(GetParam()) == "AlexNet" ? DeltaNetwork::AlexNet()
                                                : DeltaNetwork::SqueezeNet();
  }
};

// Of the networks here.
InputView Squashed(const cv::Size& picture) { return SquashedView({227, 227}, picture); }

// A unit that fires at one pixel: mask and box are symmetric about that pixel, of the size that
// linear fall-off to the neighbouring units gives, in an image of any size.
TEST_P(MaskPlacement, MasksAndBoxesLieAtTheBrightPixel) {
  const DeltaNetwork made = Make();
  const LayerGeometry geometry = GeometryOf(made.network(), made.layer());
  const double threshold = 0.4;
  const auto stride = static_cast<int>(geometry.field.y.stride);
  for (const auto& [i, j] : {std::pair(3, 4), {6, 6}, {8, 2}}) {
    const auto y = static_cast<int>(geometry.field.y.Centre(i));
    const auto x = static_cast<int>(geometry.field.x.Centre(j));
    const at::Tensor map = made.MapOf(DeltaNetwork::BrightPixel(227, y, x));
    for (int factor : {1, 2, 3}) {
      const cv::Size size(227 * factor, 227 * factor);
      const cv::Mat mask = MaskByUpsampling(geometry, map, threshold, Squashed(size));
      const std::vector<Component> components = ComponentsOf(mask);
      ASSERT_EQ(components.size(), 1u);
      const cv::Rect& box = components.front().box;
      // Pixels whose centres are less than 0.6 strides from the bright pixel's centre.
      const double centre_x = Squashed(size).x.PictureFromInput(x);
      const double centre_y = Squashed(size).y.PictureFromInput(y);
      int wide = 0;
      for (int p = 0; p < size.width; ++p) {
        wide += std::abs(p - centre_x) < (1 - threshold) * stride * factor - 1e-6 ? 1 : 0;
      }
      EXPECT_EQ(box.width, wide);
      EXPECT_EQ(box.height, wide);
      EXPECT_DOUBLE_EQ(box.x + 0.5 * (box.width - 1), centre_x);
      EXPECT_DOUBLE_EQ(box.y + 0.5 * (box.height - 1), centre_y);
      EXPECT_EQ(components.front().area, cv::countNonZero(mask));
      cv::Mat mirrored;
      cv::flip(mask(box), mirrored, -1);
      EXPECT_EQ(cv::norm(mirrored, mask(box), cv::NORM_INF), 0);
    }
  }
}

TEST_P(MaskPlacement, PaintedFieldsLieAtTheBrightPixel) {
  const DeltaNetwork made = Make();
  const LayerGeometry geometry = GeometryOf(made.network(), made.layer());
  const auto y = static_cast<int>(geometry.field.y.Centre(5));
  const auto x = static_cast<int>(geometry.field.x.Centre(7));
  const at::Tensor map = made.MapOf(DeltaNetwork::BrightPixel(227, y, x));
  const cv::Mat mask =
      MaskByField(geometry, SquareField(geometry, 31), map, 0.4, Squashed({227, 227}));
  const std::vector<Component> components = ComponentsOf(mask);
  ASSERT_EQ(components.size(), 1u);
  EXPECT_EQ(components.front().box, cv::Rect(x - 15, y - 15, 31, 31));
  EXPECT_EQ(components.front().area, 31 * 31);
}

INSTANTIATE_TEST_SUITE_P(Geometries, MaskPlacement, testing::Values("AlexNet", "SqueezeNet"),
                         [](const auto& each) { return each.param; });

TEST(Segmentation, PaintedFieldsAgreeWithTheDefinition) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    LayerGeometry layer;
    layer.shape = {1, 4, 5};
    layer.field.y = {-3, 6, 5};
    layer.field.x = {1, 9, 4};
    layer.input_height = 24;
    layer.input_width = 27;
    const EmpiricalField field{RandomMask(random, 7, 6, 0.4),
                               {static_cast<int>(random.Below(9)) - 4, -2}};
    const at::Tensor map = RandomMap(random, layer.shape);
    const cv::Size size(17 + static_cast<int>(random.Below(40)), 31);
    const cv::Mat mask = MaskByField(layer, field, map, 0.6, SquashedView({27, 24}, size));
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const auto v = static_cast<int>(std::lround((y + 0.5) * 24 / size.height - 0.5));
        const auto u = static_cast<int>(std::lround((x + 0.5) * 27 / size.width - 0.5));
        bool painted = false;
        for (int i = 0; i < 4; ++i) {
          for (int j = 0; j < 5; ++j) {
            if (!(map[i][j].item<float>() > 0.6f)) continue;
            const cv::Point at(u - field.corner.x - 4 * j, v - field.corner.y - 5 * i);
            painted |=
                cv::Rect({0, 0}, field.mask.size()).contains(at) && field.mask.at<uchar>(at) != 0;
          }
        }
        ASSERT_EQ(mask.at<uchar>(y, x), painted ? 255 : 0) << "seed " << seed;
      }
    }
  }
}

TEST(Segmentation, AUnitThatIsNowherePositiveSegmentsNothing) {
  const DeltaNetwork made = DeltaNetwork::AlexNet();
  const LayerGeometry geometry = GeometryOf(made.network(), made.layer());
  const at::Tensor map = at::ones({geometry.shape.height, geometry.shape.width});
  EXPECT_EQ(cv::countNonZero(MaskByUpsampling(geometry, map, 0, Squashed({30, 20}))), 0);
  EXPECT_EQ(
      cv::countNonZero(MaskByField(geometry, SquareField(geometry, 9), map, 0, Squashed({30, 20}))),
      0);
  EXPECT_EQ(cv::countNonZero(MaskByUpsampling(geometry, map, 0.5, Squashed({30, 20}))), 30 * 20);
}

// The pixels of the mask are the highest of the map by upsampling, as many as asked for.
TEST(Segmentation, MasksOfAnArea) {
  const DeltaNetwork made = DeltaNetwork::AlexNet();
  const LayerGeometry geometry = GeometryOf(made.network(), made.layer());
  Random random(3);
  const at::Tensor map = RandomMap(random, geometry.shape) - 2;  // no unit fires
  const cv::Size size(90, 60);
  cv::Mat last;
  for (const double share : {0.001, 0.05, 0.3, 0.9}) {
    const cv::Mat mask = MaskOfArea(geometry, map, share, Squashed(size));
    ASSERT_FALSE(mask.empty()) << share;
    EXPECT_NEAR(cv::countNonZero(mask), share * 90 * 60, 1 + 0.1 * share * 90 * 60);
    if (!last.empty()) {
      EXPECT_EQ(cv::countNonZero(last & ~mask), 0) << "a larger mask has all of it";
    }
    last = mask;
  }
  // The same by thresholds: a map moved above 0 is segmented at some level.
  const cv::Mat half = MaskOfArea(geometry, map, 0.5, Squashed(size));
  int closest = half.size().area();
  for (double level = 1; level < 2; level += 0.001) {
    const cv::Mat mask = MaskByUpsampling(geometry, map + 2, level - 1, Squashed(size));
    closest = std::min(closest, cv::countNonZero(mask ^ half));
  }
  EXPECT_LE(closest, 30);
  EXPECT_TRUE(MaskOfArea(geometry, at::ones_like(map), 0.2, Squashed(size)).empty())
      << "all pixels alike";
}

// Regions by flooding, one pixel after the other.
TEST(Segmentation, ComponentsAgreeWithFlooding) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    const cv::Mat mask = RandomMask(random, 13, 17, 0.15 + 0.02 * static_cast<double>(seed));
    cv::Mat rest = mask.clone();
    std::multiset<std::vector<int64_t>> expected;
    for (int y = 0; y < mask.rows; ++y) {
      for (int x = 0; x < mask.cols; ++x) {
        if (rest.at<uchar>(y, x) == 0) continue;
        std::vector<cv::Point> open = {{x, y}};
        rest.at<uchar>(y, x) = 0;
        int64_t area = 0;
        cv::Rect box(x, y, 1, 1);
        while (!open.empty()) {
          const cv::Point at = open.back();
          open.pop_back();
          ++area;
          box |= cv::Rect(at.x, at.y, 1, 1);
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) {
              const cv::Point next(at.x + dx, at.y + dy);
              if (!cv::Rect({0, 0}, mask.size()).contains(next)) continue;
              if (rest.at<uchar>(next) == 0) continue;
              rest.at<uchar>(next) = 0;
              open.push_back(next);
            }
          }
        }
        expected.insert({area, box.x, box.y, box.width, box.height});
      }
    }
    std::multiset<std::vector<int64_t>> found;
    int64_t last = mask.rows * mask.cols;
    for (const Component& c : ComponentsOf(mask)) {
      EXPECT_LE(c.area, last);
      last = c.area;
      found.insert({c.area, c.box.x, c.box.y, c.box.width, c.box.height});
    }
    EXPECT_EQ(found, expected) << "seed " << seed;
  }
}

TEST(Segmentation, MapsAreThoseOfTheForwardPassWhateverTheBatch) {
  const ScratchFolder folder;
  const Model model = SmallModel(3);
  const ImageSets images{RandomPictures(folder, "a", 6, 5)};
  const int conv = model.network.Find("relu2"), pool = model.network.Find("pool1");
  const std::vector<UnitOnImages> wanted = {
      {conv, 4, {5, 0, 2}}, {conv, 1, {2}}, {pool, 0, {0, 4}}, {pool, 1, {}}};
  for (int batch : {1, 2, 32}) {
    PassOptions options;
    options.batch = batch;
    std::multiset<std::pair<size_t, size_t>> seen;
    VisitUnitMaps(
        model, images, wanted,
        [&](size_t w, size_t place, const at::Tensor& map, const cv::Mat& picture) {
          seen.insert({w, place});
          const UnitOnImages& unit = wanted[w];
          const cv::Mat decoded = DecodeImage(images[unit.images[place]].path);
          EXPECT_EQ(cv::norm(decoded, picture, cv::NORM_INF), 0);
          const at::Tensor input = Preprocess(decoded, model.input).unsqueeze(0);
          const at::Tensor expected = model.network.Forward(input, {unit.layer})[0][0][unit.unit];
          EXPECT_TRUE(at::allclose(map, expected, 1e-5, 1e-6));
        },
        options);
    EXPECT_EQ(seen, (std::multiset<std::pair<size_t, size_t>>{
                        {0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}, {2, 1}}));
  }
}

TEST(Segmentation, AnImageThatIsGoneIsAnError) {
  const ScratchFolder folder;
  const Model model = SmallModel(3);
  const ImageSets images{RandomPictures(folder, "a", 3, 5)};
  std::filesystem::remove(images[1].path);
  const auto visit = [&](int64_t image) {
    VisitUnitMaps(model, images, {{model.network.Find("pool1"), 0, {image}}},
                  [](size_t, size_t, const at::Tensor&, const cv::Mat&) {});
  };
  visit(0);
  EXPECT_TRUE(HasAll(ErrorOf([&] { visit(1); }), {images[1].name}));
}

TEST(Segmentation, BadInputIsRefused) {
  SegmentOptions options;
  options.threshold = 1.5;
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { options.Validate(); }), {"threshold", "between 0 and 1", "found 1.5"}));
  const DeltaNetwork made = DeltaNetwork::AlexNet();
  const LayerGeometry geometry = GeometryOf(made.network(), made.layer());
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       MaskByUpsampling(geometry, at::zeros({6, 7}), 1, Squashed({5, 5}));
                     }),
                     {"expected 13 x 13", "found 6 x 7"}));
}

}  // namespace
}  // namespace netdissect
