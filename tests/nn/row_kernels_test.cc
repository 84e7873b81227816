#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "base/random.h"
#include "nn/expect_error.h"
#include "nn/rows/kernel_choice.h"
#include "nn/rows/row_product.h"

namespace netdissect {
namespace {

std::vector<float> RandomFloats(Random& random, int count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(2 * random.Uniform() - 1);
  return values;
}

class KernelsOfEachSet : public testing::TestWithParam<const RowKernels*> {};

INSTANTIATE_TEST_SUITE_P(Kernels, KernelsOfEachSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& set) { return std::string(set.param->name); });

// What most activations are, and what none should be.
std::vector<float> AnyFloats(Random& random, int count) {
  const float special[] = {0.0f, -0.0f, 1e-42f, -1e-42f, INFINITY, -INFINITY, NAN, -NAN};
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    const uint64_t kind = random.Below(8);
    value = static_cast<float>(2 * random.Uniform() - 1);
    if (kind < 3) value = 0;
    if (kind == 3) value = special[random.Below(8)];
  }
  return values;
}

TEST_P(KernelsOfEachSet, SplitNumbersBySignAsALoopDoes) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 9);
    const auto count = static_cast<int>(1 + random.Below(300));
    const std::vector<float> values = AnyFloats(random, count);
    std::vector<uint32_t> positive(static_cast<size_t>(count) + 16), negative(positive.size());
    Magnitudes found{positive.data(), negative.data()};
    GetParam()->split(values.data(), count, found);
    std::vector<float> above, below;
    int zeros = 0;
    for (const float value : values) {
      if (value > 0) above.push_back(value);
      if (value < 0) below.push_back(-value);
      zeros += value == 0;
    }
    EXPECT_EQ(found.zeros, zeros);
    ASSERT_EQ(found.positives, static_cast<int>(above.size()));
    ASSERT_EQ(found.negatives, static_cast<int>(below.size()));
    if (!above.empty()) {
      EXPECT_EQ(std::memcmp(positive.data(), above.data(), 4 * above.size()), 0);
    }
    if (!below.empty()) {
      EXPECT_EQ(std::memcmp(negative.data(), below.data(), 4 * below.size()), 0);
    }
  }
}

TEST_P(KernelsOfEachSet, MultiplyByWeightsAsTheyAre) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed, 11);
    const int64_t count = 1 + static_cast<int64_t>(random.Below(9));
    const int64_t depth = 1 + static_cast<int64_t>(random.Below(90));
    const int64_t units = 1 + static_cast<int64_t>(random.Below(30));
    const std::vector<float> rows = RandomFloats(random, static_cast<int>(count * depth));
    const std::vector<float> weights = RandomFloats(random, static_cast<int>(units * depth));
    const std::vector<float> bias = RandomFloats(random, static_cast<int>(units));
    const int64_t first = static_cast<int64_t>(random.Below(static_cast<uint64_t>(units)));
    const int64_t past =
        first + 1 + static_cast<int64_t>(random.Below(static_cast<uint64_t>(units - first)));
    constexpr float kUntouched = 12345;
    std::vector<float> out(static_cast<size_t>(count * units), kUntouched), alone = out;
    const DenseCall call = {
        rows.data(), count, weights.data(), depth, seed % 4 == 0 ? nullptr : bias.data(),
        out.data(),  units};
    GetParam()->dense(call, first, past);
    for (int64_t m = 0; m < count; ++m) {
      for (int64_t u = 0; u < units; ++u) {
        const float found = out[static_cast<size_t>(m * units + u)];
        if (u < first || u >= past) {
          EXPECT_EQ(found, kUntouched);
          continue;
        }
        double expected = call.bias == nullptr ? 0 : double{bias[static_cast<size_t>(u)]};
        for (int64_t k = 0; k < depth; ++k) {
          expected += double{rows[static_cast<size_t>(m * depth + k)]} *
                      double{weights[static_cast<size_t>(u * depth + k)]};
        }
        EXPECT_NEAR(found, expected, 1e-5) << seed;
        // The same to the bit without the others.
        DenseCall single = call;
        single.rows = rows.data() + m * depth;
        single.count = 1;
        single.out = alone.data();
        GetParam()->dense(single, u, u + 1);
        EXPECT_EQ(alone[static_cast<size_t>(u)], found);
      }
    }
  }
}

TEST_P(KernelsOfEachSet, SummarizeMapsTheSameToTheBit) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed, 10);
    const auto count = static_cast<int>(1 + random.Below(200));
    const std::vector<float> values = RandomFloats(random, count);
    const MapSummary found = GetParam()->summarize(values.data(), count);
    double lanes[8] = {}, sum = 0;
    for (int i = 0; i < count; ++i) lanes[i % 8] += double{values[static_cast<size_t>(i)]};
    for (const double lane : lanes) sum += lane;
    EXPECT_EQ(found.maximum, *std::max_element(values.begin(), values.end()));
    EXPECT_EQ(found.sum, sum);
  }
}

TEST_P(KernelsOfEachSet, SelectNumbersFromAFloorOn) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 12);
    const auto count = static_cast<int>(1 + random.Below(200));
    const std::vector<float> values = AnyFloats(random, count);
    const float floor =
        seed % 10 == 0 ? -INFINITY : static_cast<float>(2.2 * random.Uniform() - 1.1);
    std::vector<float> expected, found(values.size());
    int numbers = 0;
    for (const float value : values) {
      numbers += std::isnan(value) ? 0 : 1;
      if (value >= floor) expected.push_back(value);
    }
    const Selection selection = GetParam()->select(values.data(), count, floor, found.data());
    EXPECT_EQ(selection.numbers, numbers);
    found.resize(static_cast<size_t>(selection.found));
    EXPECT_EQ(found, expected);
  }
}

// Maps beside each other as each of them by itself, to the bit.
TEST_P(KernelsOfEachSet, SweepOverMapsAsOverEachOfThem) {
  constexpr int kMost = SweepCall::kMost;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 13);
    const auto channels = static_cast<int>(1 + random.Below(kMost));
    const auto positions = static_cast<int>(1 + random.Below(60));
    const auto apart = static_cast<int>(static_cast<uint64_t>(channels) + random.Below(9));
    // Nothing beyond the last channel of the last position may be read.
    const int size = (positions - 1) * apart + channels;
    std::vector<float> rows = AnyFloats(random, size);
    for (float& value : rows) value = std::isfinite(value) ? value : 0.5f;
    float below[kMost], from[kMost];
    for (int c = 0; c < kMost; ++c) {
      const bool all_but_zeros = random.Below(3) == 0;
      below[c] = all_but_zeros ? 0 : -INFINITY;
      from[c] = all_but_zeros ? 1e-45f : static_cast<float>(2.2 * random.Uniform() - 1.1);
    }
    std::vector<float> values(static_cast<size_t>(positions * channels));
    std::vector<int32_t> found(values.size());
    MapSummary maps[kMost];
    const int64_t count = GetParam()->sweep(
        {rows.data(), apart, positions, channels, below, from, values.data(), found.data(), maps});
    int64_t expected = 0;
    for (int c = 0; c < channels; ++c) {
      std::vector<float> map, wanted, swept;
      for (int p = 0; p < positions; ++p) map.push_back(rows[static_cast<size_t>(p * apart + c)]);
      for (const float value : map) {
        if (value >= from[c] || value < below[c]) wanted.push_back(value);
      }
      for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
        if (found[i] == c) swept.push_back(values[i]);
      }
      EXPECT_EQ(swept, wanted) << seed << " channel " << c;
      expected += static_cast<int64_t>(wanted.size());
      const MapSummary alone = GetParam()->summarize(map.data(), positions);
      EXPECT_EQ(maps[c].sum, alone.sum) << seed << " channel " << c;
      EXPECT_EQ(maps[c].maximum, alone.maximum);
      EXPECT_EQ(std::signbit(maps[c].maximum), std::signbit(alone.maximum));
    }
    EXPECT_EQ(count, expected);
  }
}

TEST_P(KernelsOfEachSet, MultiplyAsALoopInDoublePrecisionDoes) {
  const RowKernels& kernels = *GetParam();
  for (uint64_t seed = 0; seed < 120; ++seed) {
    Random random(seed, 5);
    const auto below = [&](int n) {
      return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
    };
    RowProduct product;
    product.count = 1 + below(30);
    product.runs = 1 + below(4);
    product.length = 1 + below(70);
    product.offset = below(3);
    product.rectification.done = below(2) == 0;
    product.rectification.slope = below(2) == 0 ? 0.0f : 0.25f;
    if (below(2) == 0) product.rectification.ceiling = 0.5f;
    const int columns = 1 + below(80), depth = product.runs * product.length;
    product.stride = columns + below(5);
    const std::vector<float> matrix = RandomFloats(random, columns * depth);
    const std::vector<float> bias = RandomFloats(random, columns);
    const int run_size = product.length + static_cast<int>(product.offset);
    const std::vector<float> inputs =
        RandomFloats(random, static_cast<int>(product.count) * product.runs * run_size);
    std::vector<const float*> rows;
    for (int64_t i = 0; i < product.count * product.runs; ++i) {
      rows.push_back(inputs.data() + i * run_size);
    }
    product.rows = rows.data();
    constexpr float kUntouched = 12345;
    std::vector<float> out(static_cast<size_t>(product.count * product.stride), kUntouched);
    product.out = out.data();
    const auto weight = [&](int column, int k) {
      return matrix[static_cast<size_t>(column * depth + k)];
    };
    const auto bias_of = [&](int column) { return bias[static_cast<size_t>(column)]; };
    Multiply(kernels, product, PackWeights(kernels, columns, depth, weight, bias_of));
    for (int64_t m = 0; m < product.count; ++m) {
      for (int n = 0; n < product.stride; ++n) {
        const float found = out[static_cast<size_t>(m * product.stride + n)];
        if (n >= columns) {
          ASSERT_EQ(found, kUntouched) << "seed " << seed << ", beside the output";
          continue;
        }
        double expected = bias_of(n), magnitude = std::abs(expected);
        for (int r = 0; r < product.runs; ++r) {
          for (int k = 0; k < product.length; ++k) {
            const double term =
                static_cast<double>(
                    rows[static_cast<size_t>(m * product.runs + r)][product.offset + k]) *
                weight(n, r * product.length + k);
            expected += term;
            magnitude += std::abs(term);
          }
        }
        if (product.rectification.done) {
          if (expected < 0) expected *= product.rectification.slope;
          expected = std::min(expected, double{product.rectification.ceiling});
        }
        ASSERT_NEAR(found, expected, 1e-6 * magnitude)
            << "seed " << seed << " at " << m << ", " << n;
      }
    }
  }
}

// A row's result does not depend on the rows beside it: what did not change stays the same to the
// bit.
TEST_P(KernelsOfEachSet, MultiplyARowAloneAsAmongOthers) {
  const RowKernels& kernels = *GetParam();
  for (const int columns : {1, 3, 5, 16, 40, 70}) {
    Random random(static_cast<uint64_t>(columns), 6);
    constexpr int kDepth = 45, kRows = 23;
    const std::vector<float> matrix = RandomFloats(random, columns * kDepth);
    const std::vector<float> inputs = RandomFloats(random, kRows * kDepth);
    const PackedWeights weights = PackWeights(
        kernels, columns, kDepth,
        [&](int column, int k) { return matrix[static_cast<size_t>(column * kDepth + k)]; },
        [](int) { return 0.5f; });
    std::vector<const float*> rows;
    for (int m = 0; m < kRows; ++m) rows.push_back(inputs.data() + m * kDepth);
    std::vector<float> together(static_cast<size_t>(kRows * columns));
    std::vector<float> alone(static_cast<size_t>(columns));
    RowProduct product;
    product.rows = rows.data();
    product.count = kRows;
    product.runs = 1;
    product.length = kDepth;
    product.stride = columns;
    product.out = together.data();
    Multiply(kernels, product, weights);
    product.count = 1;
    product.out = alone.data();
    for (int m = 0; m < kRows; ++m) {
      product.rows = rows.data() + m;
      Multiply(kernels, product, weights);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + m * columns))
          << columns << " columns, row " << m;
    }
  }
}

TEST_P(KernelsOfEachSet, PoolSumAndRectifyAsPlainLoopsDo) {
  const RowKernels& kernels = *GetParam();
  for (int count = 1; count < 50; ++count) {
    Random random(static_cast<uint64_t>(count), 7);
    constexpr int kTaps = 5;
    std::vector<std::vector<float>> taps;
    std::vector<const float*> rows;
    for (int t = 0; t < kTaps; ++t) taps.push_back(RandomFloats(random, count));
    for (const std::vector<float>& tap : taps) rows.push_back(tap.data());
    const std::vector<float> coefficients = RandomFloats(random, kTaps);
    const std::vector<float> scale = RandomFloats(random, count);
    const std::vector<float> shift = RandomFloats(random, count);
    std::vector<float> largest(static_cast<size_t>(count)),
        sum = largest, weighted = largest, rectified = largest, each = largest, affine = largest;
    kernels.maximum(rows.data(), kTaps, count, largest.data());
    kernels.sum(rows.data(), nullptr, kTaps, 0.2f, count, sum.data());
    kernels.sum(rows.data(), coefficients.data(), kTaps, 1, count, weighted.data());
    kernels.rectify(rows[0], {true, 0.3f}, count, rectified.data());
    kernels.rectify_each(rows[0], scale.data(), count, each.data());
    kernels.affine(rows[0], scale.data(), shift.data(), count, affine.data());
    for (size_t c = 0; c < static_cast<size_t>(count); ++c) {
      float expected = -INFINITY;
      double total = 0, weighted_total = 0;
      for (size_t t = 0; t < kTaps; ++t) {
        expected = std::max(expected, taps[t][c]);
        total += static_cast<double>(taps[t][c]);
        weighted_total += static_cast<double>(coefficients[t]) * taps[t][c];
      }
      const float x = taps[0][c];
      EXPECT_EQ(largest[c], expected);
      EXPECT_NEAR(sum[c], 0.2 * total, 1e-6);
      EXPECT_NEAR(weighted[c], weighted_total, 1e-6);
      EXPECT_EQ(rectified[c], x > 0 ? x : 0.3f * x);
      EXPECT_EQ(each[c], x > 0 ? x : scale[c] * x);
      EXPECT_NEAR(affine[c], static_cast<double>(x) * scale[c] + shift[c], 1e-6);
    }
  }
}

TEST_P(KernelsOfEachSet, NormalizeAsTheFormulaSays) {
  const RowKernels& kernels = *GetParam();
  for (const float beta : {0.75f, 0.6f, 1.0f}) {
    for (int channels = 1; channels < 40; channels += 3) {
      Random random(static_cast<uint64_t>(channels), 8);
      const NormCall norm = {5, 0.4f, beta, 1.5f};
      const std::vector<float> row = RandomFloats(random, channels);
      std::vector<float> squares(static_cast<size_t>(channels + norm.size));
      const int first = channels / 3, count = channels - first;
      std::vector<float> out(static_cast<size_t>(count));
      kernels.normalize(row.data(), channels, first, count, norm, squares.data(), out.data());
      for (int i = 0; i < count; ++i) {
        const int c = first + i;
        double sum = 0;
        for (int n = std::max(0, c - 2); n <= std::min(channels - 1, c + 2); ++n) {
          sum += std::pow(static_cast<double>(row[static_cast<size_t>(n)]), 2);
        }
        const double expected = row[static_cast<size_t>(c)] / std::pow(1.5 + 0.4 * sum, beta);
        EXPECT_NEAR(out[static_cast<size_t>(i)], expected, 2e-6) << channels << ", channel " << c;
      }
    }
  }
}

TEST_P(KernelsOfEachSet, WeighChannelsByThemselvesAsALoopDoes) {
  const RowKernels& kernels = *GetParam();
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed, 9);
    const auto below = [&](int n) {
      return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
    };
    const int channels = 1 + below(90), taps = 1 + below(10), count = 1 + below(11);
    const int offset = below(4), stride = channels + below(5), size = channels + offset;
    const bool rectify = below(2) == 0;
    const std::vector<float> inputs = RandomFloats(random, count * taps * size);
    const std::vector<float> weights = RandomFloats(random, taps * channels);
    const std::vector<float> bias = RandomFloats(random, channels);
    std::vector<const float*> rows;
    for (int i = 0; i < count * taps; ++i) rows.push_back(inputs.data() + i * size);
    constexpr float kUntouched = 12345;
    std::vector<float> out(static_cast<size_t>(count * stride), kUntouched);
    kernels.depthwise({rows.data(), count, taps, channels, offset, stride, {rectify, 0.25f, 0.5f}},
                      weights.data(), bias.data(), out.data());
    for (int m = 0; m < count; ++m) {
      for (int c = 0; c < stride; ++c) {
        const float found = out[static_cast<size_t>(m * stride + c)];
        if (c >= channels) {
          ASSERT_EQ(found, kUntouched);
          continue;
        }
        double expected = bias[static_cast<size_t>(c)];
        for (int t = 0; t < taps; ++t) {
          expected += static_cast<double>(rows[static_cast<size_t>(m * taps + t)][offset + c]) *
                      weights[static_cast<size_t>(t * channels + c)];
        }
        if (rectify) expected = std::min(expected < 0 ? 0.25 * expected : expected, 0.5);
        ASSERT_NEAR(found, expected, 5e-6) << "seed " << seed << " at " << m << ", " << c;
      }
    }
  }
}

TEST_P(KernelsOfEachSet, MultiplyAndCompareRowsAsPlainLoopsDo) {
  const RowKernels& kernels = *GetParam();
  for (int count = 1; count < 50; ++count) {
    Random random(static_cast<uint64_t>(count), 10);
    const std::vector<float> a = RandomFloats(random, count), b = RandomFloats(random, count),
                             c = RandomFloats(random, count);
    const float* rows[] = {a.data(), b.data(), c.data()};
    std::vector<float> product(static_cast<size_t>(count)), least = product;
    kernels.product(rows, 3, count, product.data());
    kernels.minimum(rows, 3, count, least.data());
    for (size_t i = 0; i < product.size(); ++i) {
      EXPECT_EQ(product[i], a[i] * b[i] * c[i]);
      EXPECT_EQ(least[i], std::min({a[i], b[i], c[i]}));
    }
  }
}

// Against double precision, over all the numbers that activations are and some that they are not.
TEST_P(KernelsOfEachSet, ComputeFunctionsToFloatPrecision) {
  using Function = PointwiseFunction;
  const RowKernels& kernels = *GetParam();
  std::vector<float> numbers = {0.0f,  -0.0f, 1e-30f, -1e-30f, 87,  88.5f,
                                88.8f, 120,   -87,    -100,    -120};
  for (float x = 1e-7f; x < 60; x *= 1.003f) {
    numbers.push_back(x);
    numbers.push_back(-x);
  }
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  struct Case {
    PointwiseCall call;
    std::function<double(double)> formula;
    double relative, absolute;  // errors
  };
  const double ulp = 1.2e-7;
  const std::vector<Case> cases = {
      {{Function::kExp, 0, 0}, [](double x) { return std::exp(x); }, 2 * ulp, 1e-37},
      {{Function::kSigmoid, 0, 0}, sigmoid, 3 * ulp, 1e-37},
      {{Function::kSwish, 0, 0}, [&](double x) { return x * sigmoid(x); }, 3 * ulp, 1e-36},
      {{Function::kTanh, 0, 0}, [](double x) { return std::tanh(x); }, 3 * ulp, 1e-37},
      {{Function::kElu, 0.7f, 0},
       [](double x) { return x > 0 ? x : static_cast<double>(0.7f) * std::expm1(x); },
       2 * ulp,
       ulp},
      {{Function::kGelu, 0, 0},
       [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); },
       3 * ulp,
       3 * ulp},
      {{Function::kGeluTanh, 0, 0},
       [](double x) {
         return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
       },
       3 * ulp,
       3 * ulp},
      {{Function::kSoftplus, 1, 20},
       [](double x) { return x > 20 ? x : std::log1p(std::exp(x)); },
       4 * ulp,
       1e-36},
      {{Function::kSoftsign, 0, 0}, [](double x) { return x / (1 + std::abs(x)); }, 2 * ulp, 1e-37},
      {{Function::kClip, -0.5f, 3}, [](double x) { return std::clamp(x, -0.5, 3.0); }, 0, 0},
      {{Function::kAbs, 0, 0}, [](double x) { return std::abs(x); }, 0, 0},
  };
  for (const Case& c : cases) {
    std::vector<float> out(numbers.size());
    kernels.pointwise(numbers.data(), c.call, static_cast<int>(numbers.size()), out.data());
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double expected = c.formula(numbers[i]);
      if (expected > 3.4e38) {
        EXPECT_EQ(out[i], INFINITY);
        continue;
      }
      EXPECT_NEAR(out[i], expected, c.relative * std::abs(expected) + c.absolute)
          << "function " << static_cast<int>(c.call.function) << " of " << numbers[i];
    }
    // A number's result does not depend on the numbers beside it.
    for (size_t i = 0; i < numbers.size(); i += 7) {
      float alone = 0;
      kernels.pointwise(&numbers[i], c.call, 1, &alone);
      EXPECT_EQ(alone, out[i]);
    }
  }
}

TEST_P(KernelsOfEachSet, NormaliseChannelsAsTheFormulaSays) {
  const RowKernels& kernels = *GetParam();
  for (int channels = 1; channels < 120; channels += 7) {
    Random random(static_cast<uint64_t>(channels), 11);
    std::vector<float> row = RandomFloats(random, channels);
    for (float& x : row) x += 3;  // a mean that does not vanish
    const int first = channels / 3, count = channels - first;
    const std::vector<float> scale = RandomFloats(random, count),
                             shift = RandomFloats(random, count);
    double mean = 0, variance = 0;
    for (float x : row) mean += static_cast<double>(x) / channels;
    for (float x : row) variance += (x - mean) * (x - mean) / channels;
    std::vector<float> out(static_cast<size_t>(count));
    kernels.channel_norm(row.data(), {channels, 0.01f, scale.data(), shift.data()}, first, count,
                         out.data());
    for (size_t c = 0; c < out.size(); ++c) {
      const double expected =
          (row[static_cast<size_t>(first) + c] - mean) / std::sqrt(variance + 0.01) * scale[c] +
          shift[c];
      EXPECT_NEAR(out[c], expected, 5e-6) << channels << " channels, " << c;
    }
  }
}

TEST(ChooseKernels, TakesTheFastestWhereNoneIsNamed) {
  EXPECT_EQ(&ChooseKernels(nullptr), SupportedKernels().front());
  EXPECT_EQ(&ChooseKernels(""), SupportedKernels().front());
}

TEST(ChooseKernels, TakesTheOneThatIsNamed) {
  for (const RowKernels* set : SupportedKernels()) EXPECT_EQ(&ChooseKernels(set->name), set);
  EXPECT_EQ(ChooseKernels("portable").name, std::string("portable"));
}

TEST(ChooseKernels, RefusesOthers) {
  ExpectError([] { ChooseKernels("avx513"); },
              {"NETDISSECT_KERNELS=avx513", "avx512, avx2 or portable"});
  for (const char* name : {"avx512", "avx2"}) {
    const std::vector<const RowKernels*> sets = SupportedKernels();
    const bool runs = std::any_of(sets.begin(), sets.end(), [&](const RowKernels* set) {
      return set->name == std::string(name);
    });
    if (!runs) ExpectError([&] { ChooseKernels(name); }, {name, "this processor", "portable"});
  }
}

}  // namespace
}  // namespace netdissect
