#include "netdissect/probe/image_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/random.h"

namespace netdissect {
namespace {

// Activations of two units on `count` images: the second's ranking is the first's turned over.
std::vector<std::vector<float>> Stream(int count) {
  std::vector<std::vector<float>> values;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<float>(Random(77, i, 5).Uniform());
    values.push_back({value, -value});
  }
  return values;
}

ImageSample SampleOf(const std::vector<std::vector<float>>& stream, int most, uint64_t seed = 1) {
  ImageSample sample(2, most, seed);
  for (size_t i = 0; i < stream.size(); ++i) {
    sample.Add(static_cast<int64_t>(i), stream[i].data());
  }
  return sample;
}

// Images that the unit's activation is larger on.
int64_t RankOf(const std::vector<std::vector<float>>& stream, size_t unit, float value) {
  return std::count_if(stream.begin(), stream.end(),
                       [&](const std::vector<float>& each) { return each[unit] > value; });
}

TEST(ImageSample, FarImagesAreOfTheLowerHalf) {
  for (const int count : {8, 60, 255, 256, 257, 5000}) {
    SCOPED_TRACE(count);
    const auto stream = Stream(count);
    for (uint64_t seed = 0; seed < 10; ++seed) {
      const ImageSample sample = SampleOf(stream, 256, seed);
      for (size_t unit = 0; unit < 2; ++unit) {
        const std::vector<ImageValue> far = sample.FarFrom(static_cast<int>(unit), 8);
        EXPECT_EQ(far.size(), static_cast<size_t>(std::min(8, count / 2)));
        std::set<int64_t> images;
        for (const ImageValue& each : far) {
          EXPECT_EQ(each.value, stream[static_cast<size_t>(each.image)][unit]);
          EXPECT_GE(RankOf(stream, unit, each.value), count / 2);
          images.insert(each.image);
        }
        EXPECT_EQ(images.size(), far.size());
      }
    }
  }
}

TEST(ImageSample, DrawsEveryFarImageAlike) {
  const auto stream = Stream(64);
  std::map<int64_t, int> drawn;
  constexpr int kSeeds = 4000;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const ImageValue& far : SampleOf(stream, 64, seed).FarFrom(0, 4)) ++drawn[far.image];
  }
  EXPECT_EQ(drawn.size(), 32u);  // the lower half
  const double expected = kSeeds * 4 / 32.0;
  for (const auto& [image, times] : drawn) EXPECT_NEAR(times, expected, 5 * std::sqrt(expected));
}

TEST(ImageSample, OrderAndSplitDoNotMatter) {
  const auto stream = Stream(1000);
  const ImageSample whole = SampleOf(stream, 50);
  ImageSample merged(2, 50, 1);
  for (int part = 2; part >= 0; --part) {
    ImageSample sample(2, 50, 1);
    for (int i = 999; i >= 0; --i) {
      if (i % 3 == part) sample.Add(i, stream[static_cast<size_t>(i)].data());
    }
    merged.Merge(sample);
  }
  const auto a = whole.FarFrom(1, 12), b = merged.FarFrom(1, 12);
  ASSERT_EQ(a.size(), 12u);
  ASSERT_EQ(b.size(), 12u);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].image, b[i].image);
    EXPECT_EQ(a[i].value, b[i].value);
  }
}

TEST(ImageSample, OfNothing) {
  EXPECT_TRUE(ImageSample(2, 50, 1).FarFrom(1, 3).empty());
  EXPECT_TRUE(SampleOf(Stream(100), 0).FarFrom(1, 3).empty());
}

}  // namespace
}  // namespace netdissect
