#include "netdissect/probe/quantile_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const std::vector<double> kFractions = {1e-9, 0.005, 0.05, 0.07,  0.25, 0.5,
                                        0.75, 0.9,   0.99, 0.995, 1.0};

QuantileSketch SketchOf(const std::vector<float>& values) {
  QuantileSketch sketch;
  sketch.Add(values.data(), static_cast<int64_t>(values.size()));
  return sketch;
}

// From the definition: the smallest value such that at least the fraction q is no larger.
double Expected(std::vector<float> values, double q) {
  std::sort(values.begin(), values.end());
  for (size_t i = 0; i < values.size(); ++i) {
    const double share = static_cast<double>(i + 1) / static_cast<double>(values.size());
    if (share >= q) return values[i];
  }
  return values.back();
}

std::vector<float> Generate(size_t count, uint64_t seed,
                            const std::function<double(Random&)>& value) {
  Random random(seed, 5);
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(value(random));
  return values;
}

double Normal(Random& random) { return random.Normal(); }
double Rectified(Random& random) { return std::max(random.Normal() - 1.0, 0.0); }
double Negative(Random& random) { return -1 - random.Uniform(); }
// From the smallest normal number to nearly the largest, of both signs.
double AnyMagnitude(Random& random) {
  const double magnitude = std::exp2(-126 + 253.99 * random.Uniform());
  return random.Below(2) == 0 ? magnitude : -magnitude;
}

void ExpectExact(const std::vector<float>& values) {
  const QuantileSketch sketch = SketchOf(values);
  for (double q : kFractions) EXPECT_EQ(sketch.Quantile(q), Expected(values, q)) << "q " << q;
}

void ExpectClose(const std::vector<float>& values) {
  const QuantileSketch sketch = SketchOf(values);
  for (double q : kFractions) {
    const double expected = Expected(values, q);
    EXPECT_NEAR(sketch.Quantile(q), expected, std::abs(expected) / 128) << "q " << q;
  }
}

TEST(QuantileSketch, IsExactUpToItsCapacity) {
  constexpr size_t kFull = QuantileSketch::kExact;
  for (size_t count : {size_t{1}, size_t{2}, size_t{3}, size_t{100}, size_t{1000}, kFull}) {
    SCOPED_TRACE(count);
    ExpectExact(Generate(count, count, Normal));
    ExpectExact(Generate(count, count, Negative));
    ExpectExact(Generate(count, count, AnyMagnitude));
  }
}

TEST(QuantileSketch, ZerosTakeNoRoom) {
  std::vector<float> values = Generate(QuantileSketch::kExact, 1, Normal);
  values.insert(values.begin() + 100, 50000, 0.0f);
  values.insert(values.begin(), 1000, -0.0f);
  ExpectExact(values);
  EXPECT_EQ(SketchOf(values).count(), static_cast<int64_t>(values.size()));
}

TEST(QuantileSketch, RanksAreThoseOfTheDefinition) {
  // 0.07 * 100 rounds to more than 7: the seventh value is the answer all the same.
  for (size_t count : {10, 50, 100, 200, 1000}) {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i + 1);
    const QuantileSketch sketch = SketchOf(values);
    for (int percent = 1; percent <= 100; ++percent) {
      const double q = percent / 100.0;
      EXPECT_EQ(sketch.Quantile(q), Expected(values, q)) << count << " values, q " << q;
    }
  }
}

TEST(QuantileSketch, IsWithinOneIn128Beyond) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(seed);
    ExpectClose(Generate(QuantileSketch::kExact + 1, seed, Normal));
    ExpectClose(Generate(20000, seed, Normal));
    ExpectClose(Generate(20000, seed, Rectified));
    ExpectClose(Generate(20000, seed, Negative));
    ExpectClose(Generate(20000, seed, AnyMagnitude));
  }
}

TEST(QuantileSketch, AllEqual) {
  for (float value : {3.7f, -3.7f, 0.0f, 2e-38f, 3.4e38f, std::numeric_limits<float>::max(),
                      std::numeric_limits<float>::lowest()}) {
    SCOPED_TRACE(value);
    ExpectExact(std::vector<float>(100, value));
    ExpectClose(std::vector<float>(10000, value));
  }
}

TEST(QuantileSketch, SubnormalNumbersAreNearlyZero) {
  const std::vector<float> values(10000, 1e-41f);
  EXPECT_NEAR(SketchOf(values).Quantile(0.5), 1e-41, 1e-40);
}

TEST(QuantileSketch, Infinities) {
  for (size_t count : {size_t{100}, size_t{20000}}) {
    std::vector<float> values = Generate(count, 9, Normal);
    std::fill_n(values.begin(), count / 10, kInfinity);
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(count / 10), count / 10, -kInfinity);
    const QuantileSketch sketch = SketchOf(values);
    EXPECT_EQ(sketch.Quantile(0.01), -kInfinity);
    EXPECT_EQ(sketch.Quantile(0.95), kInfinity);
    const double median = Expected(values, 0.5);
    EXPECT_NEAR(sketch.Quantile(0.5), median, std::abs(median) / 128);
  }
}

TEST(QuantileSketch, WhatIsNotANumberDoesNotCount) {
  for (size_t count : {size_t{100}, size_t{20000}}) {
    const std::vector<float> values = Generate(count, 4, Normal);
    std::vector<float> mixed;
    for (float value : values) {
      mixed.push_back(std::numeric_limits<float>::quiet_NaN());
      mixed.push_back(value);
    }
    const QuantileSketch sketch = SketchOf(mixed);
    EXPECT_EQ(sketch.count(), static_cast<int64_t>(count));
    for (double q : kFractions) EXPECT_EQ(sketch.Quantile(q), SketchOf(values).Quantile(q));
  }
}

TEST(QuantileSketch, IsMonotonous) {
  const QuantileSketch sketch = SketchOf(Generate(30000, 6, Normal));
  double last = -kInfinity;
  for (int i = 1; i <= 2000; ++i) {
    const double value = sketch.Quantile(i / 2000.0);
    EXPECT_GE(value, last);
    last = value;
  }
}

TEST(QuantileSketch, AnySplitMergesToTheSame) {
  for (size_t count : {size_t{50}, QuantileSketch::kExact, size_t{30000}}) {
    std::vector<float> values = Generate(count, count, [](Random& random) {
      return random.Below(3) == 0 ? 0.0 : AnyMagnitude(random) * std::exp2(-20 * random.Uniform());
    });
    const QuantileSketch whole = SketchOf(values);
    for (uint64_t seed = 0; seed < 6; ++seed) {
      SCOPED_TRACE(fmt::format("{} values, split {}", count, seed));
      Random random(seed, 8);
      std::vector<QuantileSketch> parts(1 + random.Below(9));
      for (float value : values) parts[random.Below(parts.size())].Add(&value, 1);
      while (parts.size() > 1) {  // merged in any order
        const size_t from = random.Below(parts.size());
        size_t into = random.Below(parts.size() - 1);
        into += into >= from ? 1 : 0;
        parts[into].Merge(parts[from]);
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
      }
      EXPECT_EQ(parts[0].count(), whole.count());
      for (double q : kFractions) EXPECT_EQ(parts[0].Quantile(q), whole.Quantile(q)) << "q " << q;
    }
  }
}

// Where only the largest are asked for: the same, to the bit, as of all.
struct Distribution {
  std::string name;
  std::function<double(Random&)> value;
};

const std::vector<Distribution> kStreams = {
    {"normal", Normal},
    {"rectified", Rectified},
    {"negative", Negative},
    {"any magnitude", AnyMagnitude},
    {"mostly zeros", [](Random& random) { return random.Below(2000) == 0 ? 1.5 : 0.0; }},
    {"zeros above", [](Random& random) { return random.Below(20) == 0 ? 0.0 : -random.Uniform(); }},
    {"equal", [](Random&) { return 2.5; }},
    {"subnormal", [](Random& random) { return 1e-41 * random.Uniform(); }},
    {"infinite", [](Random& random) { return random.Below(30) == 0 ? -1.0 : -HUGE_VAL; }}};

TEST(QuantileSketch, OfTheLargestIsThatOfAll) {
  for (const Distribution& stream : kStreams) {
    SCOPED_TRACE(stream.name);
    for (const size_t count : {size_t{900}, size_t{60000}}) {
      const std::vector<float> values = Generate(count, count, stream.value);
      const QuantileSketch all = SketchOf(values);
      QuantileSketch largest(QuantileSketch::LargestFor(0.995, static_cast<int64_t>(count)));
      Random random(count, 6);
      for (size_t i = 0; i < values.size();) {
        const size_t part = std::min<size_t>(1 + random.Below(3000), values.size() - i);
        largest.Add(values.data() + i, static_cast<int64_t>(part));
        i += part;
      }
      EXPECT_EQ(largest.count(), all.count());
      for (double q : {0.995, 0.997, 0.9999, 1.0}) {
        EXPECT_EQ(largest.Quantile(q), all.Quantile(q)) << q;
      }
    }
  }
}

TEST(QuantileSketch, OfTheLargestMergesAndIsSavedInAnySplit) {
  for (const Distribution& stream : kStreams) {
    SCOPED_TRACE(stream.name);
    const std::vector<float> values = Generate(60000, 3, stream.value);
    const QuantileSketch all = SketchOf(values);
    const int64_t wanted = QuantileSketch::LargestFor(0.995, 60000);
    for (uint64_t seed = 0; seed < 4; ++seed) {
      Random random(seed, 8);
      std::vector<QuantileSketch> parts(1 + random.Below(5), QuantileSketch(wanted));
      // One has nearly all, or all the large ones.
      std::vector<std::vector<float>> shares(parts.size());
      for (float value : values) {
        const bool large = seed % 2 == 0 && value > 1;
        shares[large ? 0 : random.Below(parts.size())].push_back(value);
      }
      QuantileSketch merged(wanted);
      for (size_t i = 0; i < parts.size(); ++i) {
        parts[i].Add(shares[i].data(), static_cast<int64_t>(shares[i].size()));
        if (i % 2 == 0) {
          merged.Merge(parts[i]);
        } else {
          ByteWriter out;
          parts[i].Save(out);
          ByteReader in(out.bytes());
          merged.Add(in);
        }
      }
      EXPECT_EQ(merged.count(), all.count());
      for (double q : {0.995, 0.9999, 1.0}) EXPECT_EQ(merged.Quantile(q), all.Quantile(q)) << q;
    }
  }
}

// What is said to be wanted is all that has to be handed in.
TEST(QuantileSketch, TakesTheWantedAloneAndTheNumberOfTheRest) {
  for (const Distribution& stream : kStreams) {
    SCOPED_TRACE(stream.name);
    const std::vector<float> values = Generate(60000, 4, stream.value);
    const QuantileSketch all = SketchOf(values);
    QuantileSketch largest(QuantileSketch::LargestFor(0.995, 60000));
    int64_t handed_in = 0;
    for (size_t i = 0; i < values.size(); i += 500) {
      const auto wanted = largest.wanted();
      std::vector<float> few;
      for (size_t j = i; j < i + 500; ++j) {
        if (values[j] < wanted.below || values[j] >= wanted.from) few.push_back(values[j]);
      }
      handed_in += static_cast<int64_t>(few.size());
      largest.AddWanted(wanted, few.data(), static_cast<int64_t>(few.size()),
                        500 - static_cast<int64_t>(few.size()));
    }
    EXPECT_EQ(largest.count(), all.count());
    EXPECT_EQ(largest.Quantile(0.995), all.Quantile(0.995));
    const bool one_bucket =
        stream.name == "equal" || stream.name == "infinite" || stream.name == "subnormal";
    if (!one_bucket) {
      EXPECT_LT(handed_in, 15000);
    }
  }
}

TEST(QuantileSketch, OfTheLargestRefusesOthers) {
  const std::vector<float> values = Generate(60000, 5, Normal);
  QuantileSketch largest(400);
  largest.Add(values.data(), 60000);
  EXPECT_TRUE(HasAll(ErrorOf([&] { largest.Quantile(0.5); }), {"400 largest", "60000"}));
  QuantileSketch others(300);
  EXPECT_TRUE(HasAll(ErrorOf([&] { others.Merge(largest); }), {"300", "400"}));
}

TEST(QuantileSketch, CountsBeyond32Bits) {
  const std::vector<float> values = {-3, 0, 1, 1, 1, 1, 1, 2};
  std::vector<float> many;
  for (int i = 0; i < 1 << 12; ++i) many.insert(many.end(), values.begin(), values.end());
  QuantileSketch sketch = SketchOf(many);
  constexpr int kDoublings = 24;
  for (int i = 0; i < kDoublings; ++i) sketch.Merge(QuantileSketch(sketch));
  const int64_t each = int64_t{1} << (12 + kDoublings);
  ASSERT_GT(each, int64_t{1} << 33);
  EXPECT_EQ(sketch.count(), 8 * each);
  const auto close = [](double found, double value) {
    return std::abs(found - value) <= std::abs(value) / 128;
  };
  EXPECT_TRUE(close(sketch.Quantile(0.12), -3));
  EXPECT_EQ(sketch.Quantile(0.2), 0);
  for (const double q : {0.26, 0.5, 0.87}) EXPECT_TRUE(close(sketch.Quantile(q), 1)) << q;
  for (const double q : {0.88, 0.995, 1.0}) EXPECT_TRUE(close(sketch.Quantile(q), 2)) << q;
  // What is added one by one carries over too.
  sketch.Add(many.data(), static_cast<int64_t>(many.size()));
  EXPECT_TRUE(close(sketch.Quantile(0.5), 1));
}

TEST(QuantileSketch, OneMoreThan32BitsHoldCounts) {
  QuantileSketch power = SketchOf({1.0f}), sketch;
  for (int i = 0; i < 32; ++i) {
    sketch.Merge(power);
    power.Merge(QuantileSketch(power));
  }
  ASSERT_EQ(sketch.count(), (int64_t{1} << 32) - 1);
  const std::vector<float> more = {1, 1, 1, 0.25, 0.25};
  sketch.Add(more.data(), 5);
  EXPECT_EQ(sketch.count(), (int64_t{1} << 32) + 4);
  EXPECT_NEAR(sketch.Quantile(1e-10), 0.25, 0.25 / 128);
  for (const double q : {1e-9, 0.5, 1.0}) EXPECT_NEAR(sketch.Quantile(q), 1, 1.0 / 128) << q;
}

TEST(QuantileSketch, OfNothingIsNotANumber) {
  EXPECT_TRUE(std::isnan(QuantileSketch().Quantile(0.5)));
  QuantileSketch merged;
  merged.Merge(QuantileSketch());
  EXPECT_TRUE(std::isnan(merged.Quantile(0.5)));
  const std::vector<float> values = {1, 2, 3};
  merged.Merge(SketchOf(values));
  EXPECT_EQ(merged.Quantile(0.5), 2);
}

TEST(QuantileSketch, RefusesFractionsOutOfRange) {
  const QuantileSketch sketch = SketchOf({1, 2, 3});
  for (double q : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { sketch.Quantile(q); }), {"quantile", "0", "1"}));
  }
}

}  // namespace
}  // namespace netdissect
