#include "nn/rows/winograd.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "nn/compare.h"
#include "nn/kinds/convolution.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
namespace {

class WinogradOfEachSet : public testing::TestWithParam<const RowKernels*> {};

INSTANTIATE_TEST_SUITE_P(Kernels, WinogradOfEachSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& set) { return std::string(set.param->name); });

Convolution ThreeByThree(int channels, int units, int groups, const Padding& padding) {
  Convolution c;
  c.units = units;
  c.kernel = {3, 3};
  c.padding = padding;
  c.groups = groups;
  c.weight = at::randn({units, channels / groups, 3, 3}) / std::sqrt(9.0 * channels / groups);
  c.bias = at::randn({units});
  return c;
}

// Sums of taps in double precision.
at::Tensor Exact(const Convolution& c, const at::Tensor& input) {
  const Padding& p = c.padding;
  return at::conv2d(at::constant_pad_nd(input.to(at::kDouble), {p.left, p.right, p.top, p.bottom}),
                    c.weight.to(at::kDouble), c.bias.to(at::kDouble), at::IntArrayRef{1, 1},
                    at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1}, c.groups);
}

// Images (N, H, W, C) and a convolution of them.
struct WinogradCase {
  WinogradCase(const Convolution& convolution, const at::Tensor& input, const RowKernels& k)
      : c(convolution), kernels(k), rows(input.permute({0, 2, 3, 1}).contiguous()) {
    in = {static_cast<int>(input.size(1)), static_cast<int>(input.size(2)),
          static_cast<int>(input.size(3))};
    out = c.OutputShape({in});
    weights = PackWinograd(c, kernels);
  }

  // (positions of the spans, pitch): what is not written stays as it is.
  at::Tensor Compute(const std::vector<Span>& spans, int pitch, float untouched,
                     const Rectification& rectification = {}) {
    at::Tensor result = at::full({CountRows(spans), pitch}, untouched);
    const int64_t apart = int64_t{in.units} * in.height * in.width;
    const std::vector<RowSource> sources = {
        {rows.data_ptr<float>(), nullptr, in.height, in.width, in.units, apart}};
    ComputeWinograd({kernels,
                     out,
                     sources,
                     spans,
                     {},
                     {0, out.units},
                     rectification,
                     result.data_ptr<float>(),
                     pitch,
                     scratch},
                    *weights);
    return result;
  }

  // (N, units, H, W)
  at::Tensor Whole(const Rectification& rectification = {}) {
    std::vector<Span> spans;
    for (int64_t i = 0; i < rows.size(0); ++i) spans.push_back({static_cast<int>(i), WholeOf(out)});
    return Compute(spans, out.units, 0, rectification)
        .view({rows.size(0), out.height, out.width, out.units})
        .permute({0, 3, 1, 2});
  }

  Convolution c;
  const RowKernels& kernels;
  at::Tensor rows;
  Shape in, out;
  std::shared_ptr<const WinogradWeights> weights;
  Scratch scratch;
};

TEST_P(WinogradOfEachSet, IsTheConvolution) {
  Random random(3, 1);
  const auto below = [&](int n) {
    return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
  };
  for (int attempt = 0; attempt < 60; ++attempt) {
    at::manual_seed(static_cast<uint64_t>(attempt));
    const int groups = 1 + below(3);
    const int channels = groups * (16 + below(40)), units = groups * (16 + below(60));
    const Padding padding = {below(3), below(3), below(3), below(3)};
    const Convolution c = ThreeByThree(channels, units, groups, padding);
    const at::Tensor input = at::randn({1 + below(3), channels, 4 + below(17), 4 + below(17)});
    WinogradCase test(c, input, *GetParam());
    const at::Tensor expected = Exact(c, input), found = test.Whole();
    ASSERT_EQ(found.sizes(), expected.sizes());
    EXPECT_LE(RelativeError(found, expected), 2e-6) << attempt;
    const at::Tensor clipped = test.Whole({true, 0, 0.5f});
    EXPECT_TRUE(clipped.equal(found.clamp(0, 0.5))) << attempt;
    const at::Tensor leaky = test.Whole({true, 0.25f});
    EXPECT_TRUE(leaky.equal(found.clamp_min(0) + 0.25 * found.clamp_max(0))) << attempt;
  }
}

// As near to float64 as LibTorch's sums of taps are, but for a small factor.
TEST_P(WinogradOfEachSet, KeepsTheDigitsOfSums) {
  for (const int channels : {16, 64, 256, 512}) {
    at::manual_seed(static_cast<uint64_t>(channels));
    const Convolution c = ThreeByThree(channels, 64, 1, {1, 1, 1, 1});
    const at::Tensor input = at::rand({2, channels, 14, 14});  // no sign: sums grow
    const at::Tensor exact = Exact(c, input);
    const double found = RelativeError(WinogradCase(c, input, *GetParam()).Whole(), exact);
    const double sums = RelativeError(c.Evaluate({input}, {}), exact);
    EXPECT_LE(found, 4 * sums) << channels;
  }
}

// An output is the same to the bit whatever is computed beside it, and nothing else is written.
TEST_P(WinogradOfEachSet, IsTheSameInAnyPart) {
  at::manual_seed(7);
  const Convolution c = ThreeByThree(24, 37, 1, {1, 1, 1, 1});
  const at::Tensor input = at::randn({3, 24, 11, 13});
  WinogradCase test(c, input, *GetParam());
  const at::Tensor whole = test.Whole();
  Random random(5, 1);
  const auto range = [&](int size) -> Range {
    const int start = static_cast<int>(random.Below(static_cast<uint64_t>(size)));
    return {start, start + static_cast<int>(random.Below(static_cast<uint64_t>(size - start)))};
  };
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::vector<Span> spans = {{static_cast<int>(random.Below(3)), {range(11), range(13)}},
                               {static_cast<int>(random.Below(3)), {{}, {}}},
                               {static_cast<int>(random.Below(3)), {range(11), range(13)}}};
    constexpr int kPitch = 50;
    const at::Tensor part = test.Compute(spans, kPitch, -7);
    int64_t row = 0;
    ForEachPosition(spans, [&](int item, int y, int x) {
      const at::Tensor expected = whole.select(0, item).select(1, y).select(1, x);
      EXPECT_TRUE(part[row].narrow(0, 0, 37).equal(expected)) << attempt << ": " << y << " " << x;
      ++row;
    });
    EXPECT_TRUE((part.narrow(1, 37, kPitch - 37) == -7).all().item<bool>());
  }
}

TEST(SuitsWinograd, IsForConvolutionsThatTakeFewerProducts) {
  const Shape map = {64, 13, 13};
  const Convolution c = ThreeByThree(32, 64, 1, {1, 1, 1, 1});
  EXPECT_TRUE(SuitsWinograd(c, map));
  EXPECT_TRUE(SuitsWinograd(ThreeByThree(32, 64, 2, {1, 1, 1, 1}), map));
  EXPECT_FALSE(SuitsWinograd(ThreeByThree(32, 64, 4, {1, 1, 1, 1}), map));   // 8 channels
  EXPECT_FALSE(SuitsWinograd(ThreeByThree(64, 64, 64, {1, 1, 1, 1}), map));  // depthwise
  EXPECT_FALSE(SuitsWinograd(ThreeByThree(3, 64, 1, {1, 1, 1, 1}), map));
  EXPECT_FALSE(SuitsWinograd(c, {64, 1, 1}));   // 16 products or 9
  EXPECT_FALSE(SuitsWinograd(c, {64, 1, 13}));  // 112 or 117
  EXPECT_TRUE(SuitsWinograd(c, {64, 2, 2}));
  for (const auto change : {+[](Convolution& other) {
                              other.stride = {2, 1};
                            },
                            +[](Convolution& other) {
                              other.dilation = {1, 2};
                            },
                            +[](Convolution& other) {
                              other.kernel = {3, 5};
                              other.weight = at::randn({64, 32, 3, 5});
                            }}) {
    Convolution other = c;
    change(other);
    EXPECT_FALSE(SuitsWinograd(other, map));
  }
}

}  // namespace
}  // namespace netdissect
