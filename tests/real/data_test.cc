// The data layer on real image sets.
#include <gtest/gtest.h>

#include <chrono>

#include "data/label_match.h"
#include "netdissect/data/dataset.h"
#include "netdissect/data/loader.h"
#include "real/real_data.h"

namespace netdissect {
namespace {

class RealDataTest : public RealData<> {};

TEST_F(RealDataTest, EveryDescriptorResolves) {
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "datasets")) {
    const Dataset set = LoadDataset(file.path());
    EXPECT_FALSE(set.labels.empty()) << file.path();
    for (const ImageEntry& image : {set.images.front(), set.images.back()}) {
      EXPECT_TRUE(std::filesystem::exists(image.path)) << image.path;
      EXPECT_GE(image.label, 0);
    }
    EXPECT_EQ(DigestOf(set), DigestOf(LoadDataset(file.path())));
  }
}

// The published mapping was made by hand; by name we find the same, or nothing.
TEST_F(RealDataTest, PlacesLabelsMatchByNameAsByHand) {
  const auto labels = ReadLabels(folder_ / "places/categories.txt");
  const auto classes = ReadLabels(folder_ / "models/places365_labels.txt");
  const auto by_hand =
      ReadLabelMap(folder_ / "places/to_places365.txt", labels.size(), classes.size());
  const auto by_name = MatchLabels(labels, classes).class_of;
  size_t agree = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (by_name[i] == by_hand[i]) ++agree;
    EXPECT_TRUE(by_name[i] == by_hand[i] || by_name[i] == -1) << labels[i];
  }
  RecordProperty("agree", static_cast<int>(agree));
  EXPECT_GE(agree, labels.size() * 95 / 100);
}

TEST_F(RealDataTest, ImagenetLabelsMatchOneToOne) {
  const auto labels = ReadLabels(folder_ / "models/imagenet_labels.txt");
  const auto matched = MatchLabels(labels, labels).class_of;
  for (size_t i = 0; i < labels.size(); ++i) ASSERT_EQ(matched[i], static_cast<int>(i));
}

TEST_F(RealDataTest, LoadsEveryImage) {
  for (const char* name : {"imagenet", "places", "scenes_hd"}) {
    const Dataset set = LoadDataset(folder_ / "datasets" / (std::string(name) + ".json"));
    for (const int threads : {1, 2}) {
      LoaderOptions options;
      options.threads = threads;
      ImageLoader loader({set}, AllOf({set}), InputFormat(), options);
      size_t count = 0;
      const auto begin = std::chrono::steady_clock::now();
      while (const auto batch = loader.Next()) count += batch->indices.size();
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
      EXPECT_EQ(count, set.images.size());
      EXPECT_TRUE(loader.skipped().empty());
      RecordProperty(std::string(name) + "_images_per_second_" + std::to_string(threads),
                     static_cast<int>(static_cast<double>(count) / seconds.count()));
    }
  }
}

}  // namespace
}  // namespace netdissect
