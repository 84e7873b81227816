#include "study/object_census.h"

#include <gtest/gtest.h>

#include <map>

#include "base/scratch.h"
#include "study/annotated_world.h"

namespace netdissect {
namespace {

Dataset LabelledPictures(const ScratchFolder& scratch, const std::string& name, uint64_t seed) {
  Dataset set = AnnotatedPictures(scratch, name, 14, seed);
  set.name = name;
  set.labels = {"room", "street", "nowhere"};
  for (size_t i = 0; i < set.images.size(); ++i) set.images[i].label = static_cast<int>(i % 2);
  set.images[3].label = -1;
  return set;
}

TEST(ObjectCensusTest, CountsWhatAnnotationsSay) {
  const ScratchFolder scratch;
  const Dataset set = LabelledPictures(scratch, "a", 1);
  const ObjectCensus census = TakeCensus(ImageSets(std::vector<Dataset>{set}), {2, false});
  EXPECT_EQ(census.unannotated, 2);  // two of every 14
  EXPECT_EQ(census.unlabelled, 1);
  EXPECT_EQ(census.categories, (std::vector<std::string>{"room", "street"}));
  EXPECT_TRUE(std::is_sorted(census.objects.begin(), census.objects.end()));
  const AnnotationReader reader(set);
  size_t at = 0, objects_seen = 0;
  for (size_t i = 0; i < set.images.size(); ++i) {
    const auto annotation = reader.Read(i);
    if (!annotation) continue;
    const CensusImage& image = census.images.at(at++);
    EXPECT_EQ(image.category, i == 3 ? -1 : static_cast<int>(i % 2));
    const cv::Mat seen = VisibleObjects(*annotation, annotation->height, annotation->width);
    std::map<std::string, std::pair<int, int>> expected;  // instances, pixels
    for (size_t o = 0; o < annotation->objects.size(); ++o) {
      auto& [instances, pixels] = expected[annotation->objects[o].name];
      ++instances;
      pixels += cv::countNonZero(seen == static_cast<int>(o));
    }
    ASSERT_EQ(image.objects.size(), expected.size()) << i;
    size_t place = 0;
    for (const auto& [name, counts] : expected) {
      const ObjectOnImage& object = image.objects[place++];
      EXPECT_EQ(census.objects[static_cast<size_t>(object.object)], name);
      EXPECT_EQ(object.instances, counts.first);
      EXPECT_NEAR(object.share, counts.second / static_cast<double>(seen.total()), 1e-12);
      ++objects_seen;
    }
  }
  EXPECT_EQ(at, census.images.size());
  EXPECT_GT(objects_seen, 10u);
}

TEST(ObjectCensusTest, SeveralSetsShareTheirNames) {
  const ScratchFolder scratch;
  Dataset a = LabelledPictures(scratch, "a", 1), b = LabelledPictures(scratch, "b", 2);
  b.labels = {"street", "field"};
  const ObjectCensus both = TakeCensus(ImageSets(std::vector<Dataset>{a, b}), {1, false});
  EXPECT_EQ(both.categories, (std::vector<std::string>{"room", "street", "field"}));
  EXPECT_EQ(both.size(), 24);
  EXPECT_EQ(both.images[12].category, 1);  // the second set's first class is a street too
  EXPECT_LE(both.objects.size(), 5u);
}

TEST(ObjectCensusTest, WhatCannotBeReadIsSkippedOrRefused) {
  const ScratchFolder scratch;
  Dataset set = LabelledPictures(scratch, "a", 1);
  const AnnotationReader reader(set);
  WriteFile(reader.Place(1), "<annotation><object>");
  const ImageSets images(std::vector<Dataset>{set});
  const ObjectCensus census = TakeCensus(images, {1, false});
  ASSERT_EQ(census.skipped.size(), 1u);
  EXPECT_EQ(census.skipped[0].image, set.images[1].name);
  EXPECT_EQ(census.size(), 11);
  EXPECT_TRUE(HasAll(ErrorOf([&] { TakeCensus(images, {1, true}); }), {"a_1.xml"}));
  for (size_t i = 0; i < set.images.size(); ++i) std::filesystem::remove(reader.Place(i));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       TakeCensus(images, {1, false});
                     }),
                     {"a:", "annotated images", "found none of 14", "a_0.xml"}));
}

}  // namespace
}  // namespace netdissect
