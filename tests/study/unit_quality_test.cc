#include "netdissect/study/unit_quality.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/json.h"
#include "base/npy.h"
#include "probe/divided_pass.h"
#include "study/annotated_world.h"

namespace netdissect {
namespace {

constexpr int kLevels = 1000;

// Pixels with their scores.
struct Pixel {
  float score = 0;
  bool is_object = false;
};

double SlowAveragePrecision(std::vector<Pixel> pixels) {
  std::sort(pixels.begin(), pixels.end(),
            [](const Pixel& a, const Pixel& b) { return a.score > b.score; });
  const auto objects = static_cast<double>(std::count_if(
      pixels.begin(), pixels.end(), [](const Pixel& pixel) { return pixel.is_object; }));
  double sum = 0, found = 0, before = 0;
  for (size_t i = 0; i < pixels.size(); ++i) {
    found += pixels[i].is_object ? 1 : 0;
    if (i + 1 < pixels.size() && pixels[i + 1].score == pixels[i].score) continue;  // ties together
    sum += (found - before) / objects * found / static_cast<double>(i + 1);
    before = found;
  }
  return sum;
}

double SlowJaccard(const std::vector<Pixel>& pixels, float threshold) {
  double both = 0, either = 0;
  for (const Pixel& pixel : pixels) {
    both += pixel.is_object && pixel.score >= threshold ? 1 : 0;
    either += pixel.is_object || pixel.score >= threshold ? 1 : 0;
  }
  return both / either;
}

TEST(LevelHistogramTest, MeasuresAreThoseOfTheDefinition) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    LevelHistogram histogram(12);
    std::vector<Pixel> pixels;
    for (int i = 0; i < 300; ++i) {
      const auto level = static_cast<int>(random.Below(12));
      const bool is_object = random.Below(20) < static_cast<uint64_t>(level);
      histogram.Add(level, is_object);
      pixels.push_back({static_cast<float>(level), is_object});
    }
    EXPECT_NEAR(histogram.AveragePrecision(), SlowAveragePrecision(pixels), 1e-12);
    int best = 0;
    for (int level = 0; level < 12; ++level) {
      EXPECT_NEAR(histogram.Jaccard(level), SlowJaccard(pixels, static_cast<float>(level)), 1e-12);
      if (histogram.Jaccard(level) >= histogram.Jaccard(best)) best = level;
    }
    EXPECT_EQ(histogram.BestLevel(), best);
    const std::vector<LevelHistogram::Point> curve = histogram.Curve();
    EXPECT_DOUBLE_EQ(curve.back().recall, 1);
    EXPECT_DOUBLE_EQ(curve.back().precision, histogram.Chance());
    for (size_t i = 1; i < curve.size(); ++i) {
      EXPECT_LT(curve[i].level, curve[i - 1].level);
      EXPECT_GE(curve[i].recall, curve[i - 1].recall);
    }
  }
}

TEST(LevelHistogramTest, WithoutTheObjectNothingIsKnown) {
  LevelHistogram histogram(5);
  histogram.Add(2, false, 7);
  EXPECT_TRUE(std::isnan(histogram.AveragePrecision()));
  EXPECT_TRUE(std::isnan(histogram.Jaccard(0)));
  EXPECT_TRUE(std::isnan(histogram.Chance()));
}

TEST(LevelHistogramTest, APerfectUnitHasOne) {
  LevelHistogram histogram(4);
  histogram.Add(3, true, 10);
  histogram.Add(1, false, 90);
  EXPECT_DOUBLE_EQ(histogram.AveragePrecision(), 1);
  EXPECT_EQ(histogram.BestLevel(), 3);
  EXPECT_DOUBLE_EQ(histogram.Jaccard(2), 1);
  EXPECT_DOUBLE_EQ(histogram.Jaccard(0), 0.1);
}

// 20 units of three layers, labelled by lot.
class UnitQualityTest : public testing::Test {
 protected:
  std::vector<LayerLabels> Labels() const {
    const std::vector<std::string> names = {"sky", "trees", "car", "lamp", "bed"};
    std::vector<LayerLabels> labels;
    Random random(5);
    for (const RecordedLayer& layer : record_.layers) {
      LayerLabels& labelled = labels.emplace_back();
      labelled.name = layer.name;
      for (int unit = 0; unit < static_cast<int>(layer.units.size()); ++unit) {
        UnitLabel label;
        label.unit = unit;
        label.label = names[random.Below(names.size())];
        labelled.units.push_back(label);
      }
    }
    return labels;
  }

  // Pixels of the images of one half (0, 1) or all (-1).
  std::vector<Pixel> PixelsOf(const std::string& layer, const UnitQuality& unit, int half) const {
    std::vector<Pixel> pixels;
    for (const PixelScores& image : SlowScores(model_, set_, layer, unit.unit)) {
      if (half >= 0 && static_cast<int>(Random(kSeed, image.image).Below(2)) != half) continue;
      for (size_t i = 0; i < image.names.size(); ++i) {
        pixels.push_back({image.scores.at<float>(static_cast<int>(i) / image.scores.cols,
                                                 static_cast<int>(i) % image.scores.cols),
                          image.names[i] == unit.label});
      }
    }
    return pixels;
  }

  static constexpr uint64_t kSeed = 11;
  ScratchFolder scratch_;
  Model model_ = SmallModel(3);
  Dataset set_ = AnnotatedPictures(scratch_, "set", 14, 1);
  RecordResult record_ = Record(model_, {set_}, {"relu1", "pool1", "relu2"}, {});
  QualityOptions options_ = [] {
    QualityOptions options;
    options.seed = kSeed;
    options.pass.batch = 1;  // as the slow way: not a bit of an activation differs
    return options;
  }();
};

// A half without the object knows nothing.
void ExpectClose(double found, double expected) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found));
  } else {
    EXPECT_NEAR(found, expected, 1e-4);
  }
}

TEST_F(UnitQualityTest, MeasuresAreThoseOfAllPixels) {
  const UnitQualityResult result = EvaluateUnits(model_, {set_}, record_, Labels(), options_);
  EXPECT_EQ(result.annotated, 12);
  EXPECT_EQ(result.unannotated, 2);
  int units = 0;
  for (const LayerQuality& layer : result.layers) {
    for (const UnitQuality& unit : layer.units) {
      ++units;
      const std::vector<Pixel> pixels = PixelsOf(layer.name, unit, -1);
      const auto largest = static_cast<float>(unit.largest);
      EXPECT_NEAR(unit.ap, SlowAveragePrecision(pixels), 2e-3) << "levels cost little";
      EXPECT_NEAR(unit.jaccard, SlowJaccard(pixels, 0.4f * largest), 1e-4);
      double best = 0;
      for (int level = 0; level < kLevels; ++level) {
        best = std::max(best, SlowJaccard(pixels, largest * static_cast<float>(level) / kLevels));
      }
      EXPECT_NEAR(unit.best_jaccard, best, 1e-4);
      const auto half = static_cast<float>(unit.half_threshold) * largest;
      ExpectClose(unit.half_jaccard, SlowJaccard(PixelsOf(layer.name, unit, 0), half));
      ExpectClose(unit.held_out_jaccard, SlowJaccard(PixelsOf(layer.name, unit, 1), half));
    }
  }
  EXPECT_EQ(units, 20);
  ASSERT_FALSE(result.objects.empty());
  for (size_t i = 1; i < result.objects.size(); ++i) {
    EXPECT_LE(result.objects[i].ap, result.objects[i - 1].ap);
  }
  int counted = 0;
  for (const ObjectQuality& object : result.objects) counted += object.units;
  EXPECT_EQ(counted, units);
}

TEST_F(UnitQualityTest, ThreadsChangeNothing) {
  options_.pass.batch = 5;
  const UnitQualityResult a = EvaluateUnits(model_, {set_}, record_, Labels(), options_);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  options_.pass.threads = 1;
  const UnitQualityResult b = EvaluateUnits(model_, {set_}, record_, Labels(), options_);
  at::set_num_threads(threads);
  for (size_t l = 0; l < a.layers.size(); ++l) {
    for (size_t u = 0; u < a.layers[l].units.size(); ++u) {
      EXPECT_EQ(a.layers[l].units[u].ap, b.layers[l].units[u].ap);
      EXPECT_EQ(a.layers[l].units[u].held_out_jaccard, b.layers[l].units[u].held_out_jaccard);
    }
  }
}

TEST_F(UnitQualityTest, PartsAndPiecesMakeTheWhole) {
  const Computation<UnitQualityResult> compute = [&](const PassOptions& pass, Observer& observer) {
    options_.pass = pass;
    return EvaluateUnits(model_, {set_}, record_, Labels(), options_, observer);
  };
  const PassOptions pass(3);
  const UnitQualityResult whole = compute(pass, Silent());
  const auto expect_whole = [&](const UnitQualityResult& found) {
    EXPECT_EQ(found.annotated, whole.annotated);
    EXPECT_EQ(found.unknown, whole.unknown);
    ASSERT_EQ(found.layers.size(), whole.layers.size());
    for (size_t l = 0; l < whole.layers.size(); ++l) {
      ASSERT_EQ(found.layers[l].units.size(), whole.layers[l].units.size());
      for (size_t u = 0; u < whole.layers[l].units.size(); ++u) {
        const UnitQuality &a = found.layers[l].units[u], &b = whole.layers[l].units[u];
        EXPECT_EQ(a.images, b.images);
        EXPECT_EQ(a.ap, b.ap);
        EXPECT_EQ(a.jaccard, b.jaccard);
        EXPECT_EQ(a.half_threshold, b.half_threshold);
      }
    }
  };
  for (const int of : {2, 3, 5}) expect_whole(InParts(pass, of, compute));
  expect_whole(InPieces(pass, 1, compute));
}

TEST_F(UnitQualityTest, NamesAreNormalisedAndUnknownOnesLeftOut) {
  std::vector<LayerLabels> labels = {{"relu2", {}}};
  for (const char* name : {"Trees", "unicorn", "", "tree"}) {
    UnitLabel label;
    label.unit = static_cast<int>(labels[0].units.size());
    label.label = name;
    labels[0].units.push_back(label);
  }
  const UnitQualityResult result = EvaluateUnits(model_, {set_}, record_, labels, options_);
  ASSERT_EQ(result.layers[0].units.size(), 2u);
  EXPECT_EQ(result.layers[0].units[0].label, "tree");
  EXPECT_EQ(result.layers[0].units[1].unit, 3);
  EXPECT_EQ(result.unknown, std::vector<std::string>{"unicorn"});
  ASSERT_EQ(result.objects.size(), 1u);
  EXPECT_EQ(result.objects[0].units, 2);
}

TEST_F(UnitQualityTest, BadInputIsRefused) {
  const auto refuses = [&](const std::vector<LayerLabels>& labels,
                           const std::vector<std::string>& words) {
    return HasAll(ErrorOf([&] { EvaluateUnits(model_, {set_}, record_, labels, options_); }),
                  words);
  };
  UnitLabel label;
  label.label = "sky";
  label.unit = 6;
  EXPECT_TRUE(refuses({{"pool1", {label}}}, {"pool1", "0 to 5", "found 6"}));
  EXPECT_TRUE(refuses({{"conv2", {label}}}, {"conv2", "recording"}));
  EXPECT_TRUE(refuses({{"pool1", {}}}, {"label", "none"}));
  options_.threshold = 1;
  EXPECT_TRUE(refuses({}, {"between 0 and 1", "found 1"}));
}

// Debian's interpreter, which has Debian's packages.
constexpr const char* kPython = "/usr/bin/python3";

TEST_F(UnitQualityTest, AgreesWithScikitLearn) {
  if (std::system((std::string(kPython) + " -c 'import sklearn' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "needs python3-sklearn";
  }
  const UnitQualityResult result = EvaluateUnits(model_, {set_}, record_, Labels(), options_);
  std::vector<const UnitQuality*> units;
  for (const LayerQuality& layer : result.layers) {
    for (const UnitQuality& unit : layer.units) {
      const std::vector<Pixel> pixels = PixelsOf(layer.name, unit, -1);
      std::vector<float> values;  // scores as shares of the largest, then the truth
      for (const Pixel& pixel : pixels) {
        values.push_back(pixel.score / static_cast<float>(unit.largest));
      }
      for (const Pixel& pixel : pixels) values.push_back(pixel.is_object ? 1.0f : 0.0f);
      WriteNpy(scratch_.path() / fmt::format("unit_{}.npy", units.size()),
               {2, static_cast<int64_t>(pixels.size())}, values.data());
      units.push_back(&unit);
    }
  }
  ASSERT_EQ(units.size(), 20u);
  const Path script = Path(NETDISSECT_SOURCE_DIR) / "tests/study/sklearn_quality.py";
  const Path answers = scratch_.path() / "answers.json";
  ASSERT_EQ(std::system(fmt::format("{} {} {} > {}", kPython, script.string(),
                                    scratch_.path().string(), answers.string())
                            .c_str()),
            0);
  const Json json = ReadJson(answers);
  double difference = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    const Json& answer = json.at(i);
    EXPECT_NEAR(units[i]->ap, answer["ap_of_levels"].get<double>(), 1e-5) << i;
    EXPECT_NEAR(units[i]->ap, answer["ap"].get<double>(), 2e-3) << i;
    EXPECT_NEAR(units[i]->jaccard, answer["jaccard"].get<double>(), 1e-4) << i;
    difference = std::max(difference, std::abs(units[i]->ap - answer["ap"].get<double>()));
  }
  RecordProperty("largest_ap_difference", std::to_string(difference));
}

}  // namespace
}  // namespace netdissect
