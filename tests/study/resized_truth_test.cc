// Annotations, maps and masks follow what a network sees of its pictures.

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <map>
#include <opencv2/imgproc.hpp>

#include "netdissect/data/decode.h"
#include "netdissect/probe/record.h"
#include "netdissect/probe/segmentation.h"
#include "netdissect/study/segments.h"
#include "netdissect/study/unit_labels.h"
#include "netdissect/study/unit_quality.h"
#include "study/color_world.h"

namespace netdissect {
namespace {

class Warnings : public Observer {
 public:
  void Warning(const std::string& text) override { all += text + "\n"; }
  std::string all;
};

// Pictures are reduced by up to 4: there a map interpolated back is 0.39 of the colour at a block's
// own corners, and 0.375 right beside its edges.
constexpr double kLevel = 0.382;

struct Resizing {
  const char* name;
  ResizeMode resize;
  int side;
};

class ResizedTruth : public testing::TestWithParam<Resizing> {
 protected:
  ResizedTruth() {
    model_.input.resize = GetParam().resize;
    model_.input.side = GetParam().side;
  }
  InputView ViewOfPicture(size_t i) const { return ViewOf(model_.input, world_.sizes[i]); }
  // With a threshold between a block and what is beside it.
  RecordResult Recorded() const {
    RecordResult record = Record(model_, {world_.set}, {"colors"}, {});
    for (RecordedUnit& unit : record.layers[0].units) unit.quantile = kLevel * 255;
    return record;
  }
  ScratchFolder scratch_;
  ColorWorld world_ = MakeColorWorld(
      scratch_, {{80, 40}, {40, 80}, {160, 80}, {40, 40}, {80, 160}, {80, 40}, {80, 80}});
  Model model_ = ColorModel(40, 40);
};

TEST_P(ResizedTruth, UnitsThatAreColoursFitTheirObjects) {
  LabelOptions options;
  options.min_images = 1;
  Warnings warnings;
  const UnitLabelsResult result = LabelUnits(model_, {world_.set}, Recorded(), options, warnings);
  EXPECT_EQ(result.annotated, 7);
  // Counted by hand: pixels of each colour that are seen, in the annotation's pixels.
  int64_t out_of_view = 0;
  std::map<std::string, int64_t> pixels, images;
  for (size_t i = 0; i < world_.sizes.size(); ++i) {
    const int annotated = i % 2 == 0 ? 1 : 2;
    const cv::Rect seen = ViewOfPicture(i).Seen();
    std::map<std::string, int64_t> here;
    for (const ColorBlock& block : world_.blocks[i]) {
      const int area = (block.place & seen).area() * annotated * annotated;
      here[ColorNames()[static_cast<size_t>(block.color)]] += area;
      out_of_view += area == 0 ? 1 : 0;
    }
    for (const auto& [name, area] : here) {
      pixels[name] += area;
      images[name] += area > 0 ? 1 : 0;
    }
  }
  for (size_t u = 0; u < 3; ++u) {
    const UnitLabel& unit = result.layers[0].units[u];
    EXPECT_EQ(unit.label, ColorNames()[u]);
    EXPECT_EQ(unit.iou, 1.0);
    EXPECT_EQ(unit.precision, 1.0);
  }
  for (const ObjectCount& object : result.objects) {
    EXPECT_EQ(object.pixels, pixels[object.name]) << object.name;
    EXPECT_EQ(object.images, images[object.name]) << object.name;
  }
  EXPECT_EQ(result.out_of_view, out_of_view);
  const bool crops = GetParam().resize == ResizeMode::kCrop;
  EXPECT_EQ(out_of_view > 0, crops);
  EXPECT_EQ(HasAll(warnings.all,
                   {fmt::format("{} annotated objects are not in the input of rgb", out_of_view)}),
            crops);
}

TEST_P(ResizedTruth, UnitsThatAreColoursSegmentThem) {
  const RecordResult record = Recorded();
  LayerLabels labels{"colors", {}};
  for (int u = 0; u < 3; ++u) {
    labels.units.emplace_back();
    labels.units.back().unit = u;
    labels.units.back().label = ColorNames()[static_cast<size_t>(u)];
  }
  QualityOptions options;
  options.threshold = kLevel;
  const UnitQualityResult result = EvaluateUnits(model_, {world_.set}, record, {labels}, options);
  ASSERT_EQ(result.layers[0].units.size(), 3u);
  for (const UnitQuality& unit : result.layers[0].units) {
    EXPECT_EQ(unit.jaccard, 1) << unit.label;
    EXPECT_EQ(unit.ap, 1) << unit.label;
  }
}

// A mask is the colour's blocks, as far as they are seen, in the picture's own pixels.
TEST_P(ResizedTruth, MasksAreTheBlocks) {
  const LayerGeometry geometry = GeometryOf(model_.network, 1);
  for (size_t i = 0; i < world_.sizes.size(); ++i) {
    const cv::Mat picture = DecodeImage(world_.set.images[i].path);
    const InputView view = ViewOfPicture(i);
    const at::Tensor maps =
        model_.network.Forward(Preprocess(picture, model_.input).unsqueeze(0), {1})[0][0];
    for (int u = 0; u < 3; ++u) {
      cv::Mat expected = cv::Mat::zeros(picture.size(), CV_8U);
      for (const ColorBlock& block : world_.blocks[i]) {
        if (block.color == u) expected(block.place & view.Seen()) = 255;
      }
      const cv::Mat mask = MaskByUpsampling(geometry, maps[u], kLevel * 255, view);
      ASSERT_EQ(cv::norm(mask, expected, cv::NORM_INF), 0) << i;
      // The same where the picture is drawn at twice its size, but for the blocks' own edges.
      const cv::Mat large =
          MaskByUpsampling(geometry, maps[u], kLevel * 255, view.At(picture.size() * 2));
      cv::Mat enlarged, inner, outer;
      cv::resize(expected, enlarged, {}, 2, 2, cv::INTER_NEAREST);
      cv::erode(enlarged, inner, cv::Mat::ones(5, 5, CV_8U));
      cv::dilate(enlarged, outer, cv::Mat::ones(5, 5, CV_8U));
      ASSERT_EQ(large.size(), enlarged.size());
      EXPECT_EQ(cv::countNonZero(inner & ~large), 0);
      EXPECT_EQ(cv::countNonZero(large & ~outer), 0);
      // Each position's own square of the input, painted.
      const cv::Mat painted =
          MaskByField(geometry, SquareField(geometry, 1), maps[u], kLevel * 255, view);
      ASSERT_EQ(cv::norm(painted, expected, cv::NORM_INF), 0) << i;
      const double share = cv::countNonZero(expected) / static_cast<double>(expected.total());
      if (share == 0) continue;
      const cv::Mat highest = MaskOfArea(geometry, maps[u], share, view);
      if (highest.empty()) continue;  // too many pixels alike
      EXPECT_EQ(cv::countNonZero(highest & ~expected), 0);
    }
  }
}

// Annotated segments are the blocks of the input.
TEST_P(ResizedTruth, SegmentsAreTheBlocksOfTheInput) {
  const AnnotationReader reader(world_.set);
  for (size_t i = 0; i < world_.sizes.size(); ++i) {
    const at::Tensor values = Squash(DecodeImage(world_.set.images[i].path), model_.input);
    AnnotatedOptions options;
    options.by_class = true;
    const Segmentation found = AnnotatedSegments(*reader.Read(i), ViewOfPicture(i), options);
    at::Tensor covered = at::zeros({40, 40});
    for (size_t s = 0; s < found.segments.size(); ++s) {
      const at::Tensor mask = found.masks[static_cast<int64_t>(s)];
      const std::string& object = found.segments[s].object;
      const auto unit = std::find(ColorNames().begin(), ColorNames().end(), object);
      const at::Tensor expected = unit == ColorNames().end()
                                      ? values.sum(0).lt(127.5)
                                      : values[unit - ColorNames().begin()].gt(127.5);
      EXPECT_TRUE(mask.equal(expected.to(at::kFloat))) << object;
      covered += mask;
    }
    EXPECT_TRUE(covered.equal(at::ones({40, 40})));
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, ResizedTruth,
                         testing::Values(Resizing{"Crop", ResizeMode::kCrop, 0},
                                         Resizing{"Crop80", ResizeMode::kCrop, 80},
                                         Resizing{"Letterbox", ResizeMode::kLetterbox, 0}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace netdissect
