#include "netdissect/study/unit_labels.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "probe/divided_pass.h"
#include "study/annotated_world.h"

namespace netdissect {
namespace {

const std::vector<std::string> kLayers = {"relu1", "pool1", "conv2"};

class UnitLabelsTest : public testing::Test {
 protected:
  RecordResult RecordOf(const std::vector<Dataset>& sets) {
    RecordResult record = Record(model_, sets, kLayers, {});
    // A threshold is an activation; a little beside it no pixel depends on last bits.
    for (RecordedLayer& layer : record.layers) {
      for (RecordedUnit& unit : layer.units) unit.quantile *= 1.0005;
    }
    return record;
  }
  ScratchFolder scratch_;
  Model model_ = SmallModel(3);
  Dataset set_ = AnnotatedPictures(scratch_, "set", 17, 1);
};

// The definition, with sets of pixels.
struct Expected {
  std::map<std::string, double> iou;
  std::map<std::string, double> precision;
};

Expected ExpectedOf(const std::vector<PixelScores>& images, float threshold,
                    const std::vector<UnitResponse>& top) {
  std::map<std::string, int64_t> shared, seen, touched;
  int64_t area = 0, fired = 0;
  for (const PixelScores& image : images) {
    const bool is_top = std::any_of(top.begin(), top.end(), [&](const UnitResponse& response) {
      return response.image == image.image;
    });
    const int64_t before = area;
    std::set<std::string> here;
    for (size_t i = 0; i < image.names.size(); ++i) {
      const bool fires =
          image.scores.at<float>(static_cast<int>(i) / image.scores.cols,
                                 static_cast<int>(i) % image.scores.cols) > threshold;
      area += fires ? 1 : 0;
      if (image.names[i].empty()) continue;
      ++seen[image.names[i]];
      if (!fires) continue;
      ++shared[image.names[i]];
      here.insert(image.names[i]);
    }
    fired += is_top && area > before ? 1 : 0;
    for (const std::string& name : here) touched[name] += is_top ? 1 : 0;
  }
  Expected expected;
  for (const auto& [name, pixels] : shared) {
    expected.iou[name] =
        static_cast<double>(pixels) / static_cast<double>(area + seen[name] - pixels);
    expected.precision[name] = static_cast<double>(touched[name]) / static_cast<double>(fired);
  }
  return expected;
}

TEST_F(UnitLabelsTest, IntersectionOverUnionAndPrecisionAreThoseOfTheDefinition) {
  const RecordResult record = RecordOf({set_});
  LabelOptions options;
  options.min_images = 1;
  options.matches = 5;
  options.top = 6;
  options.pass.batch = 1;  // as the slow way: not a bit of an activation differs
  const UnitLabelsResult result = LabelUnits(model_, {set_}, record, options);
  EXPECT_EQ(result.annotated, 14);
  EXPECT_EQ(result.unannotated, 3);
  int compared = 0;
  for (size_t l = 0; l < kLayers.size(); ++l) {
    ASSERT_EQ(result.layers[l].name, kLayers[l]);
    for (const UnitLabel& unit : result.layers[l].units) {
      const RecordedUnit& recorded = record.layers[l].units[static_cast<size_t>(unit.unit)];
      std::vector<UnitResponse> top = recorded.top;
      top.resize(6);
      const Expected expected = ExpectedOf(SlowScores(model_, set_, kLayers[l], unit.unit),
                                           static_cast<float>(recorded.quantile), top);
      EXPECT_FLOAT_EQ(static_cast<float>(unit.threshold), static_cast<float>(recorded.quantile));
      ASSERT_EQ(unit.best.size(), expected.iou.size());
      for (size_t i = 0; i < unit.best.size(); ++i) {
        EXPECT_NEAR(unit.best[i].iou, expected.iou.at(unit.best[i].object), 1e-12);
        EXPECT_LE(unit.best[i].iou, unit.best[0].iou);
        ++compared;
      }
      if (unit.best.empty()) continue;
      EXPECT_EQ(unit.iou, unit.best[0].iou);
      EXPECT_NEAR(*unit.precision, expected.precision.at(unit.best[0].object), 1e-12);
      EXPECT_EQ(unit.label, *unit.iou >= 0.04 ? unit.best[0].object : "");
      EXPECT_EQ(unit.group, unit.label.empty() ? "" : "object");
    }
  }
  EXPECT_GT(compared, 25);
}

// All of a result in numbers.
std::vector<double> NumbersOf(const UnitLabelsResult& result) {
  std::vector<double> numbers;
  for (const LayerLabels& layer : result.layers) {
    for (const UnitLabel& unit : layer.units) {
      numbers.push_back(unit.precision.value_or(-1));
      for (const ObjectMatch& match : unit.best) numbers.push_back(match.iou);
    }
  }
  for (const ObjectCount& object : result.objects) {
    numbers.push_back(static_cast<double>(object.images));
    numbers.push_back(static_cast<double>(object.pixels));
  }
  return numbers;
}

TEST_F(UnitLabelsTest, ThreadsChangeNothingAndBatchesOnlyTheLastBits) {
  const RecordResult record = RecordOf({set_});
  LabelOptions options;
  options.min_images = 1;
  const std::vector<double> once = NumbersOf(LabelUnits(model_, {set_}, record, options));
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  options.pass.threads = 1;
  EXPECT_EQ(NumbersOf(LabelUnits(model_, {set_}, record, options)), once);
  at::set_num_threads(threads);
  options.pass.batch = 1;
  const std::vector<double> streamed = NumbersOf(LabelUnits(model_, {set_}, record, options));
  ASSERT_EQ(streamed.size(), once.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(streamed[i], once[i], 0.02);
}

// Parts meet names in different orders.
TEST_F(UnitLabelsTest, PartsAndPiecesMakeTheWhole) {
  set_.images.insert(set_.images.begin() + 5,
                     {scratch_.File("broken.png", "not an image"), "broken.png", -1});
  const RecordResult record = RecordOf({set_});
  const Computation<UnitLabelsResult> compute = [&](const PassOptions& pass, Observer& observer) {
    LabelOptions options;
    options.min_images = 1;
    options.pass = pass;
    return LabelUnits(model_, {set_}, record, options, observer);
  };
  const PassOptions pass(3);
  const UnitLabelsResult whole = compute(pass, Silent());
  const auto expect_whole = [&](const UnitLabelsResult& found) {
    EXPECT_EQ(NumbersOf(found), NumbersOf(whole));
    EXPECT_EQ(found.annotated, whole.annotated);
    EXPECT_EQ(found.unannotated, whole.unannotated);
    EXPECT_EQ(found.skipped.size(), whole.skipped.size());
    for (size_t i = 0; i < whole.objects.size(); ++i) {
      EXPECT_EQ(found.objects.at(i).name, whole.objects[i].name);
    }
  };
  for (const int of : {2, 3, 5}) expect_whole(InParts(pass, of, compute));
  expect_whole(InPieces(pass, 1, compute));
}

TEST_F(UnitLabelsTest, SeveralSetsAreOne) {
  Dataset first = set_, second = set_;
  first.images.resize(9);
  second.images.erase(second.images.begin(), second.images.begin() + 9);
  LabelOptions options;
  options.min_images = 1;
  options.pass.batch = 1;  // so that batches are the same
  const UnitLabelsResult apart =
      LabelUnits(model_, {first, second}, RecordOf({first, second}), options);
  EXPECT_EQ(NumbersOf(apart), NumbersOf(LabelUnits(model_, {set_}, RecordOf({set_}), options)));
}

TEST_F(UnitLabelsTest, RareObjectsAndPoorFitsAreNoLabels) {
  const RecordResult record = RecordOf({set_});
  LabelOptions options;
  options.matches = 5;
  options.min_images = 1;
  for (const ObjectCount& object : LabelUnits(model_, {set_}, record, options).objects) {
    options.min_images = std::max(options.min_images, static_cast<int>(object.images));
  }
  const UnitLabelsResult result = LabelUnits(model_, {set_}, record, options);
  std::set<std::string> frequent;
  for (const ObjectCount& object : result.objects) {
    if (object.images >= options.min_images) frequent.insert(object.name);
  }
  ASSERT_LT(frequent.size(), result.objects.size()) << "the world has rare objects";
  ASSERT_FALSE(frequent.empty());
  for (const UnitLabel& unit : result.layers[1].units) {
    for (const ObjectMatch& match : unit.best) EXPECT_EQ(frequent.count(match.object), 1u);
  }
  options.min_images = 1;
  options.min_iou = 1;
  for (const LayerLabels& layer : LabelUnits(model_, {set_}, record, options).layers) {
    for (const UnitLabel& unit : layer.units) EXPECT_EQ(unit.label, "");
  }
}

TEST_F(UnitLabelsTest, AnUnreadableAnnotationIsSkippedOrAnError) {
  const RecordResult record = RecordOf({set_});
  scratch_.File("set_truth/set_3.xml", "<annotation>");
  LabelOptions options;
  const UnitLabelsResult result = LabelUnits(model_, {set_}, record, options);
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].image, "set_3.png");
  EXPECT_TRUE(HasAll(result.skipped[0].reason, {"set_3.xml"}));
  EXPECT_EQ(result.annotated, 13);
  options.pass.strict = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { LabelUnits(model_, {set_}, record, options); }),
                     {"set_3.xml", "error at byte"}));
}

// A folder that may not be entered, say, or a link that leads nowhere.
TEST_F(UnitLabelsTest, AnAnnotationThatCannotBeLookedForIsSkippedOrAnError) {
  const RecordResult record = RecordOf({set_});
  const Path truth = scratch_.path() / "set_truth/set_3.xml";
  std::filesystem::remove(truth);
  std::filesystem::create_symlink("set_3.xml", truth);
  LabelOptions options;
  const UnitLabelsResult result = LabelUnits(model_, {set_}, record, options);
  ASSERT_EQ(result.skipped.size(), 1u);
  EXPECT_EQ(result.skipped[0].image, "set_3.png");
  EXPECT_TRUE(HasAll(result.skipped[0].reason, {truth.string(), "cannot be read"}));
  EXPECT_EQ(result.annotated, 13);
  options.pass.strict = true;
  EXPECT_TRUE(HasAll(ErrorOf([&] { LabelUnits(model_, {set_}, record, options); }),
                     {truth.string(), "cannot be read"}));
}

TEST_F(UnitLabelsTest, BadOptionsAndSetsAreRefused) {
  const RecordResult record = RecordOf({set_});
  const auto refuses = [&](const LabelOptions& options, const std::vector<std::string>& words) {
    return HasAll(ErrorOf([&] { LabelUnits(model_, {set_}, record, options); }), words);
  };
  LabelOptions options;
  options.min_iou = 1.5;
  EXPECT_TRUE(refuses(options, {"0 to 1", "1.5"}));
  options = {};
  options.min_images = 0;
  EXPECT_TRUE(refuses(options, {"at least 1 image", "found 0"}));
  options = {};
  options.top = 0;
  EXPECT_TRUE(refuses(options, {"top image", "found 0"}));
  Dataset plain = set_;
  plain.annotations.reset();
  EXPECT_TRUE(HasAll(ErrorOf([&] { LabelUnits(model_, {plain}, record, {}); }), {"annotations"}));
  Dataset nothing = set_;
  nothing.annotations->root = scratch_.path();
  EXPECT_TRUE(HasAll(
      ErrorOf([&] { LabelUnits(model_, {nothing}, record, {}); }),
      {"expected some for the 17 images", "none", "looked for as", scratch_.path().string()}));
}

}  // namespace
}  // namespace netdissect
