#include "netdissect/study/localize.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/scratch.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/convolution.h"
#include "probe/delta_network.h"
#include "probe/small_model.h"

namespace netdissect {
namespace {

Model ModelOf(const Network& network) {
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  return {"test", network, format, {}, network.ComputeDigest()};
}

// One unit that repeats the input's first channel: maps are what the test says.
Model Repeater(int height, int width) {
  Network network({3, height, width});
  Convolution c;
  c.units = 1;
  c.weight = at::zeros({1, 3, 1, 1});
  c.weight[0][0] = 1;
  network.Add("copy", c, {0});
  return ModelOf(network);
}

class BoxPlacement : public testing::TestWithParam<const char*> {};

TEST_P(BoxPlacement, BoxesLieAroundTheBrightPixel) {
  const DeltaNetwork made =
      std::string(GetParam()) == "AlexNet" ? DeltaNetwork::AlexNet() : DeltaNetwork::SqueezeNet();
  const Model model = ModelOf(made.network());
  const std::string name = made.network().layer(made.layer()).name;
  const Localizer localizer(model, {{name, {{0, "lamp", 0.8, 0.2, 1.2, 41}}}}, {});
  const ReceptiveField field = made.field();
  for (const auto& [i, j] : {std::pair(4, 5), {6, 9}, {9, 3}}) {
    const auto y = static_cast<int>(field.y.Centre(i));
    const auto x = static_cast<int>(field.x.Centre(j));
    const std::vector<LocatedImage> located =
        localizer.Locate(DeltaNetwork::BrightPixel(227, y, x));
    ASSERT_EQ(located.size(), 1u);
    EXPECT_TRUE(located[0].scenes.empty());  // this network ends in no classes
    ASSERT_EQ(located[0].objects.size(), 1u);
    const LocatedObject& object = located[0].objects[0];
    EXPECT_EQ(object.label, "lamp");
    EXPECT_NEAR(object.confidence, 0.8 * (1 - 0.2) / (1.2 - 0.2), 1e-6);
    // The pixel spans [x, x + 1]: the box's centre is its centre.
    EXPECT_EQ(object.box, cv::Rect2d(x + 0.5 - 20.5, y + 0.5 - 20.5, 41, 41));
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, BoxPlacement, testing::Values("AlexNet", "SqueezeNet"),
                         [](const auto& each) { return each.param; });

// Regions found by letting labels spread until nothing changes.
TEST(Localize, RegionsAndConfidencesAgreeWithTheDefinition) {
  const int height = 9, width = 11;
  const Model model = Repeater(height, width);
  LocalizeOptions options;
  options.min_confidence = 0;
  options.overlap = 1;
  const double threshold = 0.55, full = 0.9, trust = 0.7, grown = 3;
  const Localizer localizer(model, {{"copy", {{0, "x", trust, threshold, full, grown}}}}, options);
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    at::Tensor input = at::zeros({1, 3, height, width});
    std::vector<float> map(static_cast<size_t>(height * width));
    for (float& value : map) value = static_cast<float>(random.Uniform());
    input[0][0].copy_(at::tensor(map).view({height, width}));
    std::vector<int> mark(map.size(), -1);
    for (size_t i = 0; i < map.size(); ++i) {
      if (map[i] > static_cast<float>(threshold)) mark[i] = static_cast<int>(i);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (int a = 0; a < height * width; ++a) {
        for (int b = 0; b < height * width; ++b) {
          if (mark[a] < 0 || mark[b] < 0 || mark[a] >= mark[b]) continue;
          if (std::abs(a / width - b / width) > 1 || std::abs(a % width - b % width) > 1) continue;
          mark[b] = mark[a];
          changed = true;
        }
      }
    }
    std::vector<std::vector<double>> expected;
    for (int region = 0; region < height * width; ++region) {
      double peak = 0, top = height, bottom = -1, left = width, right = -1;
      for (int a = 0; a < height * width; ++a) {
        if (mark[a] != region) continue;
        peak = std::max(peak, static_cast<double>(map[a]));
        top = std::min<double>(top, a / width);
        bottom = std::max<double>(bottom, a / width);
        left = std::min<double>(left, a % width);
        right = std::max<double>(right, a % width);
      }
      if (bottom < 0) continue;
      const double exact = trust * std::min(1.0, (peak - threshold) / (full - threshold));
      const double confidence = std::round(1000 * exact) / 1000;
      expected.push_back({confidence, std::max(0.0, left - 1), std::max(0.0, top - 1),
                          std::min<double>(width, right + 2),
                          std::min<double>(height, bottom + 2)});
    }
    std::vector<std::vector<double>> found;
    const LocatedImage located = localizer.Locate(input).front();
    for (const LocatedObject& object : located.objects) {
      const cv::Rect2d& box = object.box;
      found.push_back({object.confidence, box.x, box.y, box.x + box.width, box.y + box.height});
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found.size(), expected.size()) << "seed " << seed;
    for (size_t i = 0; i < found.size(); ++i) {
      for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(found[i][k], expected[i][k], 1e-6);
    }
  }
}

TEST(Localize, FullActivationIsTheLeastOfTheTopImagesAboveTheThreshold) {
  RecordedUnit unit;
  for (const float value : {9.0f, 7.0f, 4.0f, 2.0f, 1.0f}) unit.top.push_back({0, value, 0, 0});
  unit.quantile = 3;
  EXPECT_EQ(FullActivation(unit, 2), 7);
  EXPECT_EQ(FullActivation(unit, 4), 4);   // the fourth is below the threshold
  EXPECT_EQ(FullActivation(unit, 60), 4);  // fewer images than asked for
  unit.quantile = 9;
  EXPECT_EQ(FullActivation(unit, 60), 0);  // no image excites it above its threshold
}

TEST(Localize, LessConfidentObjectsAreLeftOut) {
  const Model model = Repeater(8, 8);
  at::Tensor input = at::zeros({1, 3, 8, 8});
  input[0][0][1][1] = 2;    // confidence 0.5 * (2 - 1) / (5 - 1) = 0.125
  input[0][0][6][6] = 1.5;  // 0.0625
  const Localizer localizer(model, {{"copy", {{0, "lamp", 0.5, 1, 5, 1}}}}, {});
  const std::vector<LocatedObject> objects = localizer.Locate(input).front().objects;
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_NEAR(objects[0].confidence, 0.125, 1e-9);
  EXPECT_EQ(objects[0].box, cv::Rect2d(1, 1, 1, 1));
}

double Overlap(const cv::Rect2d& a, const cv::Rect2d& b) {
  const double x = std::max(0.0, std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x));
  const double y = std::max(0.0, std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y));
  return x * y / (a.width * a.height + b.width * b.height - x * y);
}

TEST(Localize, OfOverlappingBoxesOfALabelTheMostConfidentStays) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    std::vector<LocatedObject> objects;
    for (int i = 0; i < 40; ++i) {
      const auto side = [&] { return 5 + 20 * random.Uniform(); };
      objects.push_back({random.Below(2) == 0 ? "bed" : "lamp",
                         0,
                         i,
                         random.Uniform(),
                         {30 * random.Uniform(), 30 * random.Uniform(), side(), side()}});
    }
    const std::vector<LocatedObject> kept = SuppressOverlaps(objects, 0.3);
    for (size_t i = 1; i < kept.size(); ++i) {
      EXPECT_GE(kept[i - 1].confidence, kept[i].confidence);
    }
    // An object stays just if no more confident one that stays overlaps it.
    for (const LocatedObject& object : objects) {
      const bool stays = std::any_of(kept.begin(), kept.end(),
                                     [&](const auto& other) { return other.unit == object.unit; });
      const bool covered = std::any_of(kept.begin(), kept.end(), [&](const auto& other) {
        return other.label == object.label && other.confidence > object.confidence &&
               Overlap(other.box, object.box) > 0.3;
      });
      EXPECT_NE(stays, covered) << "seed " << seed << ", object " << object.unit;
    }
  }
}

TEST(Localize, IsTheSameForEveryBatchAndAgreesWithClassify) {
  const ScratchFolder folder;
  const Dataset set = RandomPictures(folder, "set", 7, 11);
  const Model model = SmallModel(2);
  std::vector<DetectorLayer> layers = {{"relu2", {}}, {"pool1", {}}};
  for (int unit = 0; unit < 6; ++unit) {
    for (DetectorLayer& layer : layers) {
      layer.units.push_back({unit, unit % 2 == 0 ? "even" : "odd", 0.9, 0.3, 1.5, 7});
    }
  }
  const ClassifyResult classified = Classify(model, set);
  std::vector<std::vector<double>> first;
  for (int batch : {1, 3, 8}) {
    LocalizeOptions options;
    options.pass.batch = batch;
    std::vector<std::vector<double>> numbers;
    int64_t images = 0;
    const LocalizeSummary summary = Localize(
        model, layers, {set},
        [&](const LocatedImage& located) {
          EXPECT_EQ(located.image, images++);
          const auto& ranked = classified.predictions[static_cast<size_t>(located.image)].ranked;
          ASSERT_EQ(located.scenes.size(), ranked.size());
          for (size_t i = 0; i < ranked.size(); ++i) {
            EXPECT_EQ(located.scenes[i].index, ranked[i].index);
            EXPECT_NEAR(located.scenes[i].score, ranked[i].score, 1e-5);
          }
          for (const LocatedObject& object : located.objects) {
            numbers.push_back({static_cast<double>(located.image),
                               static_cast<double>(object.layer), static_cast<double>(object.unit),
                               object.box.x, object.box.y, object.box.width, object.box.height});
          }
        },
        options);
    EXPECT_EQ(summary.images, 7);
    EXPECT_FALSE(numbers.empty()) << "no object: the test's thresholds do not serve";
    if (first.empty()) first = numbers;
    EXPECT_EQ(numbers, first) << "batch " << batch;
  }
}

TEST(Localize, ScoresThatAreNoNumbersAreAnError) {
  const ScratchFolder folder;
  const Dataset set = RandomPictures(folder, "set", 2, 11);
  Model model = SmallModel(2);
  model.network.Add("broken", Affine(at::full({7}, std::nan("")), at::zeros({7})),
                    {model.network.Find("prob")});
  model.network.SetOutputs({"broken"});
  const std::vector<DetectorLayer> layers = {{"relu2", {{0, "x", 0.9, 0.3, 1.5, 7}}}};
  EXPECT_TRUE(HasAll(ErrorOf([&] { Localize(model, layers, {set}, [](const LocatedImage&) {}); }),
                     {"scores", "nan"}));
}

TEST(Localize, BadInputIsRefused) {
  const Model model = SmallModel(2);
  const auto error_of = [&](std::vector<DetectorLayer> layers, LocalizeOptions options = {}) {
    return ErrorOf([&] { Localizer(model, std::move(layers), options); });
  };
  EXPECT_TRUE(HasAll(error_of({{"relu2", {{8, "lamp", 1, 0, 1, 3}}}}),
                     {"relu2", "units 0 to 7", "unit 8 (lamp)"}));
  EXPECT_TRUE(HasAll(error_of({{"fc", {}}}), {"fc", "positions in the image", "7 x 1 x 1"}));
  EXPECT_TRUE(HasAll(error_of({{"relu9", {}}}), {"relu9"}));
  LocalizeOptions options;
  options.overlap = 2;
  EXPECT_TRUE(HasAll(error_of({}, options), {"overlap from 0 to 1", "found 2"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Localizer(Repeater(4, 4), {}, {}); }),
                     {"expected labelled units or class scores, found none"}));
}

}  // namespace
}  // namespace netdissect
