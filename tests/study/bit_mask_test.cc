#include "study/bit_mask.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "study/bit_kernels.h"

namespace netdissect {
namespace {

bool BitAt(const BitMask& mask, int words, int y, int x) {
  if (y < mask.first || y >= mask.end) return false;
  const size_t word = static_cast<size_t>((y - mask.first) * words + x / 64);
  return (mask.bits[word] >> (x % 64) & 1) != 0;
}

// Feature maps from dense to a single peak.
std::vector<float> RandomMap(int height, int width, Random& random) {
  std::vector<float> map(static_cast<size_t>(height * width));
  const uint64_t density = random.Below(100);
  for (float& value : map) {
    value = random.Below(100) < density ? static_cast<float>(random.Normal()) : 0.0f;
  }
  map[random.Below(map.size())] = 3;
  return map;
}

TEST(BitMaskTest, ItsPixelsAreTheScaledMapsAboveTheThreshold) {
  const cv::Size sizes[] = {{128, 128}, {63, 20}, {64, 64}, {65, 1}, {1, 90}, {200, 7}};
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const int height = 1 + static_cast<int>(random.Below(14));
    const int width = 1 + static_cast<int>(random.Below(14));
    const AxisField field{-5, 20, 16};
    const cv::Size size = sizes[seed % std::size(sizes)];
    const UnitMapScaler scaler({field, field}, {4, height, width}, SquashedView({227, 227}, size));
    UnitMasker masker(scaler);
    BitMask mask;
    for (int again = 0; again < 3; ++again) {  // a masker is used for one map after the other
      const std::vector<float> map = RandomMap(height, width, random);
      const auto threshold = static_cast<float>(random.Uniform() * 4 - 0.5);
      cv::Mat scaled;
      scaler(map.data(), scaled);
      masker(map.data(), threshold, mask);
      int64_t area = 0;
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
          const bool expected = scaled.at<float>(y, x) > threshold;
          area += expected ? 1 : 0;
          ASSERT_EQ(BitAt(mask, WordsOf(size.width), y, x), expected)
              << seed << " " << y << " " << x;
        }
      }
      EXPECT_EQ(mask.area, area);
      int64_t ones = 0;  // none beyond the image
      for (const uint64_t word : mask.bits) ones += __builtin_popcountll(word);
      EXPECT_EQ(ones, area);
    }
  }
}

BitMask RandomBits(int height, int words, Random& random) {
  BitMask mask;
  mask.first = static_cast<int>(random.Below(static_cast<uint64_t>(height)));
  mask.end =
      mask.first + static_cast<int>(random.Below(static_cast<uint64_t>(height - mask.first)));
  mask.bits.resize(static_cast<size_t>((mask.end - mask.first) * words));
  for (uint64_t& word : mask.bits) word = random.Next() & random.Next();
  return mask;
}

TEST(BitMaskTest, CommonPixelsAreCountedOneByOne) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const int height = 1 + static_cast<int>(random.Below(40));
    const int words = 1 + static_cast<int>(random.Below(12));
    const BitMask a = RandomBits(height, words, random), b = RandomBits(height, words, random);
    int64_t expected = 0;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < 64 * words; ++x) {
        expected += BitAt(a, words, y, x) && BitAt(b, words, y, x) ? 1 : 0;
      }
    }
    EXPECT_EQ(CountBoth(a, b, words), expected);
  }
}

TEST(BitMaskTest, TheProcessorsKernelsComputeWhatThePortableOnesDo) {
  const BitKernels& best = BestBitKernels();
  const BitKernels& portable = PortableBitKernels();
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed, 7);
    const size_t words = 1 + random.Below(20);
    std::vector<float> below(64 * words), above(64 * words);
    for (float& value : below) value = static_cast<float>(random.Normal());
    for (float& value : above) value = static_cast<float>(random.Normal());
    const auto weight = static_cast<float>(random.Uniform());
    std::vector<uint64_t> a(words), b(words);
    best.threshold_row(below.data(), above.data(), weight, 0.3f, words, a.data());
    portable.threshold_row(below.data(), above.data(), weight, 0.3f, words, b.data());
    EXPECT_EQ(a, b) << best.name;
    for (uint64_t& word : b) word = random.Next();
    EXPECT_EQ(best.count(a.data(), words), portable.count(a.data(), words)) << best.name;
    EXPECT_EQ(best.count_both(a.data(), b.data(), words),
              portable.count_both(a.data(), b.data(), words))
        << best.name;
  }
}

}  // namespace
}  // namespace netdissect
