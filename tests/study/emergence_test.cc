#include "study/emergence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/scratch.h"
#include "study/made_up_census.h"

namespace netdissect {
namespace {

EmergenceOptions FewSamples() {
  EmergenceOptions options;
  options.min_images = 5;
  options.resamples = 300;
  options.permutations = 499;
  options.seed = 4;
  return options;
}

// As many units for each object as `count(object's place)` says, and `without` units without label.
LabelledNetwork Units(const EmergenceResult& objects, const std::function<int(size_t)>& count,
                      int without) {
  LabelledNetwork network;
  network.name = "network";
  for (size_t i = 0; i < objects.objects.size(); ++i) {
    network.labels.insert(network.labels.end(), static_cast<size_t>(count(i)),
                          objects.objects[i].name);
  }
  network.labels.insert(network.labels.end(), static_cast<size_t>(without), "");
  return network;
}

class EmergenceTest : public testing::Test {
 protected:
  EmergenceTest()
      : census_(MadeUpCensus(600, 12, 24, 9)),
        objects_(MeasureEmergence(census_, {}, FewSamples())) {}

  const ObjectCensus census_;
  const EmergenceResult objects_;  // without any network
};

TEST_F(EmergenceTest, CountsObjectsAndCategories) {
  ASSERT_GT(objects_.objects.size(), 10u);
  EXPECT_TRUE(std::is_sorted(objects_.frequency.rbegin(), objects_.frequency.rend()));
  for (size_t i = 0; i < objects_.objects.size(); ++i) {
    int64_t instances = 0, images = 0;
    for (const CensusImage& image : census_.images) {
      for (const ObjectOnImage& object : image.objects) {
        if (census_.objects[static_cast<size_t>(object.object)] != objects_.objects[i].name)
          continue;
        instances += object.instances;
        ++images;
      }
    }
    EXPECT_EQ(objects_.frequency[i], static_cast<double>(instances));
    EXPECT_EQ(objects_.objects[i].images, images);
    EXPECT_GE(images, 5);
  }
  EXPECT_EQ(objects_.objects.size() + static_cast<size_t>(objects_.rare_objects), 24u);
  // Every category has one winner, and it is the first of its best.
  Series wins(objects_.objects.size());
  for (const CategoryObjects& category : objects_.categories) {
    ++wins[static_cast<size_t>(category.best.front().object)];
  }
  EXPECT_EQ(wins, objects_.informative);
  EXPECT_EQ(std::accumulate(wins.begin(), wins.end(), 0.0), 12);
  EXPECT_LT(objects_.zipf->slope, 0);
  EXPECT_LE(objects_.zipf_interval.low, objects_.zipf->slope + 0.2);
}

TEST_F(EmergenceTest, UnitsThatFollowASeriesCorrelateWithIt) {
  const Series& d = objects_.informative;
  const LabelledNetwork informed = Units(
      objects_, [&](size_t i) { return static_cast<int>(3 * d[i]); }, 20);
  const LabelledNetwork frequent = Units(
      objects_, [&](size_t i) { return static_cast<int>(objects_.frequency[i] / 10); }, 20);
  const EmergenceResult result = MeasureEmergence(census_, {informed, frequent}, FewSamples());
  const NetworkEmergence &a = result.networks[0], &b = result.networks[1];
  EXPECT_NEAR(*a.units_informative.pearson, 1, 1e-12);
  EXPECT_NEAR(*a.units_informative.spearman, 1, 1e-12);
  EXPECT_LE(*a.units_informative.p, 0.01);
  EXPECT_GT(*a.difference.pearson, 0);
  EXPECT_NEAR(*a.difference.pearson, *a.units_informative.pearson - *a.frequency_units.pearson,
              1e-12);
  EXPECT_GT(*b.frequency_units.pearson, 0.98);
  EXPECT_LE(*b.frequency_units.p, 0.01);
  EXPECT_LT(*b.difference.pearson, 0);
  EXPECT_EQ(a.unlabelled, 20);
  EXPECT_EQ(a.labelled, 36);
  for (const NetworkEmergence* network : {&a, &b}) {
    for (const CorrelationEstimate* estimate :
         {&network->frequency_units, &network->units_informative, &network->difference,
          &network->partial}) {
      for (const BootstrapInterval* interval :
           {&estimate->interval, &estimate->over_units, &estimate->over_images}) {
        EXPECT_LT(interval->low, interval->high);
        EXPECT_EQ(interval->samples + interval->undefined, 300);
      }
      EXPECT_GT(*estimate->p, 0);
      EXPECT_LE(*estimate->p, 1);
    }
  }
}

// Of units that are drawn without regard to either series, 5% of the p values are below 0.05, and
// the partial correlation has no direction.
TEST_F(EmergenceTest, PValuesOfChanceAreEven) {
  constexpr int kNetworks = 200;
  std::vector<LabelledNetwork> networks;
  for (int n = 0; n < kNetworks; ++n) {
    Random random(5, n);
    networks.push_back(Units(
        objects_, [&](size_t) { return static_cast<int>(random.Below(6)); }, 3));
  }
  EmergenceOptions options = FewSamples();
  options.resamples = 2;
  options.permutations = 199;
  const EmergenceResult result = MeasureEmergence(census_, networks, options);
  for (auto which : {&NetworkEmergence::frequency_units, &NetworkEmergence::units_informative,
                     &NetworkEmergence::difference, &NetworkEmergence::partial}) {
    int small = 0, small_spearman = 0;
    for (const NetworkEmergence& network : result.networks) {
      small += *(network.*which).p <= 0.1 ? 1 : 0;
      small_spearman += *(network.*which).spearman_p <= 0.1 ? 1 : 0;
    }
    // 20 expected; 4 standard deviations.
    EXPECT_NEAR(small, 20, 17);
    EXPECT_NEAR(small_spearman, 20, 17);
  }
}

TEST_F(EmergenceTest, DoesNotDependOnThreadsAndSaysWhatMatchesNothing) {
  LabelledNetwork network = Units(
      objects_, [](size_t i) { return i < 5 ? 2 : 0; }, 1);
  network.labels.insert(network.labels.end(), {"unicorn", "unicorn", "dragon"});
  EmergenceOptions options = FewSamples();
  const EmergenceResult one = MeasureEmergence(census_, {network}, options);
  options.threads = 3;
  const EmergenceResult three = MeasureEmergence(census_, {network}, options);
  const NetworkEmergence &a = one.networks[0], &b = three.networks[0];
  EXPECT_EQ(a.units_informative.interval.low, b.units_informative.interval.low);
  EXPECT_EQ(a.difference.interval.high, b.difference.interval.high);
  EXPECT_EQ(a.partial.p, b.partial.p);
  EXPECT_EQ(one.zipf_interval.low, three.zipf_interval.low);
  ASSERT_EQ(a.unmatched.size(), 2u);
  EXPECT_EQ(a.unmatched[0].label, "unicorn");
  EXPECT_EQ(a.unmatched[0].units, 2);
  EXPECT_EQ(a.unmatched[0].images, 0);
  EXPECT_EQ(a.labelled, 10);
}

TEST_F(EmergenceTest, WhatDoesNotVaryHasNoCorrelation) {
  const LabelledNetwork same = Units(
      objects_, [](size_t) { return 2; }, 0);
  const NetworkEmergence network = MeasureEmergence(census_, {same}, FewSamples()).networks.front();
  EXPECT_FALSE(network.frequency_units.pearson);
  EXPECT_FALSE(network.units_informative.spearman);
  EXPECT_FALSE(network.difference.p);
  EXPECT_FALSE(network.partial.pearson);
}

TEST_F(EmergenceTest, RefusesWhatCannotBeAnswered) {
  EmergenceOptions options = FewSamples();
  options.min_images = 10000;
  const std::string rare = ErrorOf([&] { MeasureEmergence(census_, {}, options); });
  EXPECT_TRUE(HasAll(rare, {"2 objects", "10000", "found 0 of 24"})) << rare;
  const std::string empty = ErrorOf([&] {
    MeasureEmergence(census_, {{"net", {}}}, FewSamples());
  });
  EXPECT_TRUE(HasAll(empty, {"net", "expected units"})) << empty;
  options = FewSamples();
  options.resamples = 0;
  EXPECT_TRUE(HasAll(ErrorOf([&] { options.Validate(); }), {"bootstrap", "found 0"}));
}

}  // namespace
}  // namespace netdissect
