#include "study/correlation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/json.h"
#include "base/random.h"
#include "base/scratch.h"
#include "study/informativeness.h"
#include "study/made_up_census.h"

namespace netdissect {
namespace {

TEST(CorrelationTest, OfLinesAndOfRanks) {
  EXPECT_DOUBLE_EQ(*Pearson({1, 2, 3}, {5, 7, 9}), 1);
  EXPECT_DOUBLE_EQ(*Pearson({1, 2, 3}, {9, 7, 5}), -1);
  EXPECT_NEAR(*Pearson({1, 2, 3, 4}, {1, -1, -1, 1}), 0, 1e-15);
  EXPECT_DOUBLE_EQ(*Spearman({1, 2, 3, 4}, {1, 10, 11, 1000}), 1);
  EXPECT_EQ(Ranks({7, 3, 7, 1}), (Series{3.5, 2, 3.5, 1}));
}

TEST(CorrelationTest, NothingCorrelatesWithAConstant) {
  EXPECT_FALSE(Pearson({1, 1, 1}, {1, 2, 3}));
  EXPECT_FALSE(Spearman({1, 2, 3}, {0, 0, 0}));
  EXPECT_FALSE(PartialCorrelation(0.5, std::nullopt, 0.2));
  EXPECT_FALSE(PartialCorrelation(0.5, 1.0, 0.5));  // x is z
}

TEST(CorrelationTest, IntervalIsOfTheSamplesThatHaveAValue) {
  std::vector<std::optional<double>> samples;
  for (int i = 0; i <= 1000; ++i) samples.emplace_back((i * 617) % 1001 / 1000.0);
  samples.emplace_back(std::nullopt);
  const BootstrapInterval interval = PercentileInterval(samples);
  EXPECT_NEAR(interval.low, 0.025, 1e-12);
  EXPECT_NEAR(interval.high, 0.975, 1e-12);
  EXPECT_EQ(interval.samples, 1001);
  EXPECT_EQ(interval.undefined, 1);
  EXPECT_EQ(PercentileInterval({std::nullopt}).samples, 0);
}

TEST(ZipfTest, FindsTheExponent) {
  Series counts = {0, 0};
  for (int rank = 1; rank <= 50; ++rank) counts.insert(counts.begin(), 1e6 * std::pow(rank, -1.3));
  const std::optional<PowerLaw> law = FitZipf(counts);
  EXPECT_NEAR(law->slope, -1.3, 1e-12);
  EXPECT_NEAR(std::exp(law->intercept), 1e6, 1e-5);
  EXPECT_NEAR(law->standard_error, 0, 1e-7);
  EXPECT_EQ(law->points, 50);
  EXPECT_FALSE(FitZipf({3}));
  EXPECT_FALSE(FitZipf({3, 0, 3}));
}

TEST(StatisticsTest, AgreeWithScipyAndScikitLearn) {
  // Debian's, whatever other Python there is.
  constexpr char kPython[] = "/usr/bin/python3 -B";
  if (std::system(fmt::format("{} -c 'import scipy, sklearn' 2>/dev/null", kPython).c_str()) != 0) {
    GTEST_SKIP() << "needs python3-scipy and python3-sklearn";
  }
  const ScratchFolder scratch;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    // Of one object and one category of images that are made up.
    const ObjectCensus census = MadeUpCensus(400, 4, 6, seed);
    std::vector<double> feature, area, truth;
    for (const CensusImage& image : census.images) {
      feature.push_back(0);
      area.push_back(0);
      truth.push_back(image.category == 1 ? 1 : 0);
      for (const ObjectOnImage& object : image.objects) {
        if (object.object != 1) continue;
        feature.back() = 1;
        area.back() = object.share;
      }
    }
    Series x, y, z, counts;
    Random random(seed, 7);
    for (int i = 0; i < 60; ++i) {
      z.push_back(random.Normal());
      x.push_back(z.back() + 2 * random.Normal());
      y.push_back(std::floor(4 * (0.5 * x.back() - z.back() + random.Normal())));  // with ties
      counts.push_back(static_cast<double>(random.Below(500)));
    }
    WriteJson(scratch.path() / "series.json", {{"x", x},
                                               {"y", y},
                                               {"z", z},
                                               {"counts", counts},
                                               {"feature", feature},
                                               {"area", area},
                                               {"truth", truth}});
    const Path answer_file = scratch.path() / "answer.json";
    ASSERT_EQ(std::system(fmt::format("{} {}/tests/study/scipy_statistics.py {} > {}", kPython,
                                      NETDISSECT_SOURCE_DIR, scratch.path().string(),
                                      answer_file.string())
                              .c_str()),
              0);
    const Json answer = ReadJson(answer_file);
    constexpr double kClose = 1e-9;
    const auto expect = [&](double value, const Json& other) {
      EXPECT_NEAR(value, other.get<double>(), kClose * (1 + std::abs(value)));
    };
    expect(*Pearson(x, y), answer["pearson"]);
    expect(*Spearman(x, y), answer["spearman"]);
    expect(*PartialCorrelation(Pearson(x, y), Pearson(x, z), Pearson(y, z)), answer["partial"]);
    EXPECT_EQ(Ranks(y), answer["ranks"].get<Series>());
    Series sorted = x;
    std::sort(sorted.begin(), sorted.end());
    expect(Quantile(sorted, 0.025), answer["quantiles"][0]);
    expect(Quantile(sorted, 0.5), answer["quantiles"][1]);
    expect(Quantile(sorted, 0.975), answer["quantiles"][2]);
    const PowerLaw law = *FitZipf(counts);
    expect(law.slope, answer["zipf"][0]);
    expect(law.intercept, answer["zipf"][1]);
    expect(law.standard_error, answer["zipf"][2]);
    const auto score = [&](InformationMeasure measure) {
      const Informativeness informativeness(census, std::vector<bool>(6, true), {measure, 1});
      return informativeness.ScoreAll(std::vector<int>(400, 1)).values[1][1];
    };
    expect(score(InformationMeasure::kPresenceAp), answer["presence_ap"]);
    expect(score(InformationMeasure::kAreaAp), answer["area_ap"]);
    expect(score(InformationMeasure::kMutualInformation), answer["information"]);
    expect(score(InformationMeasure::kBestAp),
           std::max(answer["presence_ap"].get<double>(), answer["area_ap"].get<double>()));
  }
}

}  // namespace
}  // namespace netdissect
