#include "study/informativeness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/scratch.h"
#include "study/made_up_census.h"

namespace netdissect {
namespace {

std::vector<bool> All(const ObjectCensus& census) {
  return std::vector<bool>(census.objects.size(), true);
}

std::vector<int> Once(const ObjectCensus& census) {
  return std::vector<int>(census.images.size(), 1);
}

// Average precision by its definition, from the images at or above each value.
double SlowAp(const ObjectCensus& census, int object, int category, bool by_area) {
  std::map<double, std::pair<int, int>, std::greater<>> at;  // value: images, of the category
  int of_category = 0;
  for (const CensusImage& image : census.images) {
    double value = 0;
    for (const ObjectOnImage& each : image.objects) {
      if (each.object == object) value = by_area ? each.share : 1;
    }
    const bool is_category = image.category == category;
    ++at[value].first;
    at[value].second += is_category ? 1 : 0;
    of_category += is_category ? 1 : 0;
  }
  double ap = 0, seen = 0, found = 0;
  for (const auto& [value, counts] : at) {
    seen += counts.first;
    found += counts.second;
    ap += static_cast<double>(counts.second) / of_category * found / seen;
  }
  return ap;
}

TEST(InformativenessTest, AveragePrecisionIsThatOfTheDefinition) {
  const ObjectCensus census = MadeUpCensus(300, 5, 12, 3);
  const auto scores = [&](InformationMeasure measure) {
    return Informativeness(census, All(census), {measure, 1}).ScoreAll(Once(census));
  };
  const auto presence = scores(InformationMeasure::kPresenceAp);
  const auto area = scores(InformationMeasure::kAreaAp);
  const auto best = scores(InformationMeasure::kBestAp);
  ASSERT_EQ(presence.categories, (std::vector<int>{0, 1, 2, 3, 4}));
  for (size_t c = 0; c < 5; ++c) {
    for (size_t o = 0; o < 12; ++o) {
      const double p = SlowAp(census, static_cast<int>(o), static_cast<int>(c), false);
      const double a = SlowAp(census, static_cast<int>(o), static_cast<int>(c), true);
      EXPECT_NEAR(presence.values[c][o], p, 1e-12) << c << ", " << o;
      EXPECT_NEAR(area.values[c][o], a, 1e-12) << c << ", " << o;
      EXPECT_NEAR(best.values[c][o], std::max(p, a), 1e-12) << c << ", " << o;
    }
  }
}

TEST(InformativenessTest, ImagesDrawnSeveralTimesAreThoseImagesAgain) {
  const ObjectCensus census = MadeUpCensus(120, 4, 9, 5);
  std::vector<int> times(census.images.size());
  Random random(1, 2);
  for (size_t i = 0; i < times.size(); ++i) ++times[random.Below(times.size())];
  const ObjectCensus repeated = Repeated(census, times);
  for (const std::string& name : InformationMeasureNames()) {
    const InformativenessOptions options = {InformationMeasureOf(name), 1};
    const auto drawn = Informativeness(census, All(census), options).ScoreAll(times);
    const auto again = Informativeness(repeated, All(census), options).ScoreAll(Once(repeated));
    EXPECT_EQ(drawn.images, again.images);
    for (size_t c = 0; c < 4; ++c) {
      for (size_t o = 0; o < 9; ++o) {
        EXPECT_NEAR(drawn.values[c][o], again.values[c][o], 1e-12) << name;
      }
    }
    EXPECT_EQ(Informativeness(census, All(census), options).Wins(times),
              Informativeness(repeated, All(census), options).Wins(Once(repeated)));
  }
}

// Scene 0 has a bed on all 4 images, a lamp on 3; scene 1 a lamp on 1 of 4 images, a wall on all.
// Walls are everywhere.
ObjectCensus TwoRooms() {
  ObjectCensus census;
  census.objects = {"bed", "lamp", "wall"};
  census.categories = {"bedroom", "hall"};
  for (int i = 0; i < 8; ++i) {
    CensusImage image;
    image.category = i < 4 ? 0 : 1;
    if (i < 4) image.objects.push_back({0, 1, 0.1});
    if (i < 3 || i == 7) image.objects.push_back({1, 2, 0.1});
    image.objects.push_back({2, 1, 0.5});
    census.images.push_back(image);
  }
  return census;
}

TEST(InformativenessTest, NoObjectWinsByItsAbsence) {
  const ObjectCensus census = TwoRooms();
  for (const std::string& name : InformationMeasureNames()) {
    const Informativeness informativeness(census, All(census), {InformationMeasureOf(name), 1});
    const std::vector<CategoryObjects> best = informativeness.BestObjects();
    EXPECT_EQ(best[0].best[0].object, 0) << name;  // a bed tells a bedroom
    // No bed tells no hall, nor does a wall, which is everywhere.
    EXPECT_TRUE(best[1].best.empty()) << name;
    EXPECT_EQ(informativeness.Wins(Once(census)), (std::vector<double>{1, 0, 0})) << name;
    const auto scores = informativeness.ScoreAll(Once(census));
    // What is everywhere tells nothing: AP is chance, information is none.
    EXPECT_NEAR(scores.values[0][2], name == "mutual-information" ? 0 : 0.5, 1e-12) << name;
  }
}

TEST(InformativenessTest, OfEqualsTheFirstByNameWins) {
  ObjectCensus census = TwoRooms();
  census.objects = {"a", "b"};
  for (CensusImage& image : census.images) {
    image.objects.clear();
    if (image.category == 0) image.objects = {{0, 1, 0.3}, {1, 1, 0.3}};
  }
  const Informativeness informativeness(census, All(census), {InformationMeasure::kBestAp, 1});
  EXPECT_EQ(informativeness.Wins(Once(census)), (std::vector<double>{1, 0}));
  const Informativeness second(census, {false, true}, {InformationMeasure::kBestAp, 1});
  EXPECT_EQ(second.Wins(Once(census)), (std::vector<double>{0, 1}));  // only what is taken
}

TEST(InformativenessTest, ThinCategoriesAreLeftOutAndOneAloneIsRefused) {
  ObjectCensus census = TwoRooms();
  census.categories.push_back("cellar");
  census.images.push_back({2, {{1, 1, 0.2}}});
  const Informativeness informativeness(census, All(census), {InformationMeasure::kBestAp, 2});
  EXPECT_EQ(informativeness.left_out(), (std::vector<int>{2}));
  // As if that image was not there.
  const ObjectCensus rooms = TwoRooms();
  EXPECT_EQ(informativeness.ScoreAll(Once(census)).values,
            Informativeness(rooms, All(rooms), {InformationMeasure::kBestAp, 2})
                .ScoreAll(Once(rooms))
                .values);
  const auto too_few = ErrorOf([&] {
    const Informativeness bad(census, All(census), {InformationMeasure::kBestAp, 5});
  });
  EXPECT_TRUE(HasAll(too_few, {"2 categories", "5", "found 0 of 3"})) << too_few;
  EXPECT_TRUE(HasAll(ErrorOf([] { InformationMeasureOf("ap"); }), {"best-ap", "found ap"}));
}

}  // namespace
}  // namespace netdissect
