#include "study/kept_objects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"

namespace netdissect {
namespace {

// An image of segments of these objects ("" for none), of which `kept` are kept.
SimplifiedImage ImageOf(const std::vector<std::string>& objects, const std::vector<int>& kept) {
  SimplifiedImage image;
  for (const std::string& object : objects) {
    image.segments.push_back({object, object, 1.0 / static_cast<double>(objects.size())});
  }
  image.minimal.kept = kept;
  return image;
}

const KeptObject& Find(const KeptCategory& category, const std::string& name) {
  return *std::find_if(category.objects.begin(), category.objects.end(),
                       [&](const KeptObject& object) { return object.object == name; });
}

TEST(KeptObjects, CountsImagesNotSegments) {
  std::vector<SimplifiedImage> images = {
      ImageOf({"bed", "wall", "lamp", "lamp", ""}, {0, 2, 3}),  // both lamps: once
      ImageOf({"bed", "wall", "", ""}, {1, 2}), ImageOf({"wall", ""}, {1}),
      ImageOf({"tree", ""}, {0})};
  for (int i = 0; i < 4; ++i) images[static_cast<size_t>(i)].image = i;
  KeptObjectCounter counter;
  for (const SimplifiedImage& image : images) {
    counter.Add(image, image.image < 3 ? "bedroom" : "forest");
  }
  const std::vector<KeptCategory> categories = counter.Categories();
  ASSERT_EQ(categories.size(), 2u);
  const KeptCategory& bedroom = categories[0];
  EXPECT_EQ(bedroom.name, "bedroom");
  EXPECT_EQ(bedroom.images, 3);
  EXPECT_NEAR(bedroom.kept_fraction, (3.0 / 5 + 2.0 / 4 + 1.0 / 2) / 3, 1e-12);
  EXPECT_NEAR(bedroom.segments, (5 + 4 + 2) / 3.0, 1e-12);
  EXPECT_NEAR(bedroom.kept_segments, 2, 1e-12);
  ASSERT_EQ(bedroom.objects.size(), 3u);
  for (const auto& [name, present, kept] :
       {std::tuple{"bed", 2, 1}, {"wall", 3, 1}, {"lamp", 1, 1}}) {
    EXPECT_EQ(Find(bedroom, name).present, present) << name;
    EXPECT_EQ(Find(bedroom, name).kept, kept) << name;
  }
  EXPECT_NEAR(Find(bedroom, "bed").chance, 3.0 / 5 + 2.0 / 4, 1e-12);
  EXPECT_EQ(categories[1].name, "forest");
  EXPECT_EQ(categories[1].objects.size(), 1u);
}

// Drawing removal orders at random down to the same number of segments.
TEST(KeptObjects, ChanceIsThatOfRandomRemovals) {
  for (const auto& [objects, segments, kept] :
       {std::tuple{1, 5, 2}, {2, 9, 3}, {3, 4, 1}, {2, 6, 0}, {1, 3, 3}, {4, 4, 2}}) {
    constexpr int kTrials = 20000;
    int seen = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      Random random(9, segments, objects, kept, trial);
      std::vector<int> order(static_cast<size_t>(segments));
      std::iota(order.begin(), order.end(), 0);
      Shuffle(order, random);
      seen += std::any_of(order.begin(), order.begin() + kept,
                          [&, n = objects](int segment) { return segment < n; })
                  ? 1
                  : 0;
    }
    EXPECT_NEAR(ChanceOfKeeping(objects, segments, kept), seen / static_cast<double>(kTrials),
                0.015);
  }
}

}  // namespace
}  // namespace netdissect
