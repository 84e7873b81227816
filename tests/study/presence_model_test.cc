#include "study/presence_model.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "study/made_up_census.h"

namespace netdissect {
namespace {

// Beds are in bedrooms alone, stoves in kitchens alone; chairs anywhere; halls have neither.
ObjectCensus Rooms(int images) {
  ObjectCensus census;
  census.objects = {"bed", "chair", "stove"};
  census.categories = {"bedroom", "hall", "kitchen"};
  for (int i = 0; i < images; ++i) {
    CensusImage image;
    image.category = i % 3;
    if (image.category == 0) image.objects.push_back({0, 1, 0.2});
    if (Random(3, i).Below(2) == 0) image.objects.push_back({1, 1, 0.1});
    if (image.category == 2) image.objects.push_back({2, 1, 0.2});
    census.images.push_back(image);
  }
  return census;
}

TEST(PresenceModelTest, FindsTheObjectsThatItNeeds) {
  const PresenceModel model = MeasurePresence(Rooms(90), {true, true, true}, {});
  EXPECT_EQ(model.images, 90);
  EXPECT_EQ(model.categories, 3);
  EXPECT_EQ(model.right, 90);
  EXPECT_NEAR(model.chance, 1 / 3.0, 1e-12);
  EXPECT_NEAR(model.best_accuracy, 2 / 3.0, 1e-12);  // a bed, or the larger of the others
  EXPECT_NE(model.best_object, 1);
  ASSERT_EQ(model.objects.size(), 3u);
  EXPECT_EQ(model.objects[2].object, 1);  // a chair tells nothing
  EXPECT_NEAR(model.objects[2].drop, 0, 1e-12);
  // Exchanged at random a third of the images has a bed: right is 1 - 2 (1/3) (2/3) of them.
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(model.objects[i].drop, 4 / 9.0, 0.1);
  EXPECT_LT(model.interval.low, 1);
}

TEST(PresenceModelTest, WithoutTheObjectsItKnowsNoMoreThanChance) {
  const PresenceModel model = MeasurePresence(Rooms(90), {false, true, false}, {});
  EXPECT_LT(model.right, 50);
  EXPECT_EQ(model.best_object, 1);
  EXPECT_EQ(model.objects.size(), 1u);
}

TEST(PresenceModelTest, IsTheSameEachTimeAndLeavesThinCategoriesOut) {
  ObjectCensus census = MadeUpCensus(300, 5, 10, 2);
  census.categories.push_back("cellar");
  census.images.push_back({5, {{1, 1, 0.2}}});
  const std::vector<bool> all(10, true);
  const PresenceModel one = MeasurePresence(census, all, {}),
                      again = MeasurePresence(census, all, {});
  EXPECT_EQ(one.right, again.right);
  EXPECT_EQ(one.objects.front().drop, again.objects.front().drop);
  EXPECT_EQ(one.categories, 5);
  EXPECT_EQ(one.images, 300);
  EXPECT_GT(one.right, 300 / 5 * 1.3);  // the objects tell something
  census.images.resize(4);
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { MeasurePresence(census, all, {}); }), {"2 categories", "found"}));
  PresenceOptions options;
  options.folds = 1;
  EXPECT_TRUE(HasAll(ErrorOf([&] { options.Validate(); }), {"2 folds", "found 1"}));
}

}  // namespace
}  // namespace netdissect
