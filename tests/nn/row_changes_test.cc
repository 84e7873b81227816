#include "nn/rows/row_changes.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "nn/compare.h"
#include "nn/kinds/convolution.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
namespace {

class ChangesOfEachSet : public testing::TestWithParam<const RowKernels*> {};

INSTANTIATE_TEST_SUITE_P(Kernels, ChangesOfEachSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& set) { return std::string(set.param->name); });

// A convolution, an image, and images that differ from it in a rectangle each.
struct ChangedImages {
  ChangedImages(uint64_t seed, const RowKernels& k) : kernels(k), random(seed, 9) {
    at::manual_seed(seed);
    c.groups = 1 + Below(2);
    const int channels = c.groups * (16 + Below(20));
    c.units = c.groups * (1 + Below(40));
    c.kernel = {1 + Below(5), 2 + Below(4)};
    c.stride = {1 + Below(3), 1 + Below(3)};
    c.dilation = {1 + Below(2), 1 + Below(2)};
    c.padding = {Below(3), Below(3), Below(3), Below(3)};
    const int taps = c.kernel.y * c.kernel.x * channels / c.groups;
    c.weight = at::randn({c.units, channels / c.groups, c.kernel.y, c.kernel.x}) / std::sqrt(taps);
    c.bias = at::randn({c.units});
    in = {channels, 12 + Below(6), 12 + Below(6)};
    out = c.OutputShape({in});
    image = at::randn({1, channels, in.height, in.width});
    base = image.permute({0, 2, 3, 1}).contiguous();
    before = c.Evaluate({image}, out).permute({0, 2, 3, 1}).contiguous();
    for (const ChannelRun& run : c.Divide(std::vector<char>(At(c.units), 1))) {
      runs.push_back({run, c.Pack(run, kernels)});
    }
    constexpr int kItems = 5;
    windows.Begin(kItems);
    int64_t rows = 0;
    for (int i = 0; i < kItems; ++i) {
      const Rect rect = i == 0 ? Rect{} : Rect{Part(in.height), Part(in.width)};
      windows.stored[At(i)] = windows.changed[At(i)] = rect;
      windows.offsets[At(i)] = rows;
      rows += rect.area();
      at::Tensor changed = image[0].clone();
      for (int y = rect.y.start; y <= rect.y.end; ++y) {
        for (int x = rect.x.start; x <= rect.x.end; ++x) {
          // Some positions of a window are as they were.
          if (Below(3) > 0) changed.select(1, y).select(1, x).copy_(at::randn({channels}));
          const at::Tensor row = changed.select(1, y).select(1, x).contiguous();
          windows.values.insert(windows.values.end(), row.data_ptr<float>(),
                                row.data_ptr<float>() + channels);
        }
      }
      images.push_back(changed.unsqueeze(0));
    }
  }

  int Below(int n) { return static_cast<int>(random.Below(static_cast<uint64_t>(n))); }

  Range Part(int size) {
    const int start = Below(size);
    return {start, start + Below(size - start)};
  }

  // (positions of the spans, units)
  at::Tensor Compute(const std::vector<Span>& spans, const Rectification& rectification) {
    const std::vector<RowSource> sources = {
        {base.data_ptr<float>(), &windows, in.height, in.width, in.units, 0}};
    at::Tensor result = at::randn({CountRows(spans), c.units});
    RowTask task{kernels, out,          sources,       spans,
                 runs,    {0, c.units}, rectification, result.data_ptr<float>(),
                 c.units, scratch};
    task.unchanged = before.data_ptr<float>();
    AddChanges(task, *c.SummedWindow(), c.groups);
    return result;
  }

  const RowKernels& kernels;
  Random random;
  Convolution c;
  Shape in, out;
  at::Tensor image, base, before;  // base (1, H, W, C), before (1, H, W, units)
  std::vector<at::Tensor> images;
  Windows windows;
  std::vector<PackedRun> runs;
  Scratch scratch;
};

TEST_P(ChangesOfEachSet, AreTheConvolutionOfTheChangedImage) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    ChangedImages test(seed, *GetParam());
    std::vector<Span> spans;
    for (int i = 0; i < 5; ++i)
      spans.push_back({i, {test.Part(test.out.height), test.Part(test.out.width)}});
    const bool rectified = seed % 2 == 0;
    const at::Tensor found =
        test.Compute(spans, rectified ? Rectification{true, 0.25f, 1.5f} : Rectification{});
    at::Tensor expected = at::randn({CountRows(spans), test.c.units});
    int64_t row = 0;
    ForEachPosition(spans, [&](int item, int y, int x) {
      const at::Tensor whole = test.c.Evaluate({test.images[At(item)]}, test.out)[0];
      const at::Tensor sum = whole.select(1, y).select(1, x);
      expected[row++].copy_(rectified ? (sum.clamp_min(0) + 0.25 * sum.clamp_max(0)).clamp_max(1.5)
                                      : sum);
    });
    EXPECT_LE(RelativeError(found, expected), 2e-6) << seed;
  }
}

// To the bit: what sees no change, and any output beside whatever else is computed.
TEST_P(ChangesOfEachSet, DoNotDependOnWhatIsBeside) {
  for (uint64_t seed = 100; seed < 120; ++seed) {
    ChangedImages test(seed, *GetParam());
    std::vector<Span> all;
    for (int i = 0; i < 5; ++i) all.push_back({i, WholeOf(test.out)});
    const at::Tensor whole =
        test.Compute(all, {}).view({5, test.out.height, test.out.width, test.c.units});
    EXPECT_TRUE(whole[0].equal(test.before[0])) << seed;  // an item without a window
    for (int attempt = 0; attempt < 6; ++attempt) {
      const std::vector<Span> part = {
          {test.Below(5), {test.Part(test.out.height), test.Part(test.out.width)}},
          {test.Below(5), {}},
          {test.Below(5), {test.Part(test.out.height), test.Part(test.out.width)}}};
      const at::Tensor found = test.Compute(part, {});
      int64_t row = 0;
      ForEachPosition(part, [&](int item, int y, int x) {
        EXPECT_TRUE(found[row++].equal(whole[item][y][x])) << seed << ": " << y << " " << x;
      });
    }
  }
}

TEST(CountTaps, CountsThoseThatFallOnWhatChanged) {
  AxisWindow window;
  window.kernel = 3;
  window.before = 1;
  EXPECT_EQ(CountTaps(window, {0, 4}, {2, 2}), 3);
  EXPECT_EQ(CountTaps(window, {0, 4}, {0, 4}), 13);  // two taps lie beyond the borders
  EXPECT_EQ(CountTaps(window, {2, 2}, {0, 4}), 3);
  EXPECT_EQ(CountTaps(window, {4, 4}, {0, 2}), 0);
  window.stride = 2;
  EXPECT_EQ(CountTaps(window, {0, 2}, {1, 1}), 2);
  EXPECT_EQ(CountTaps(window, {0, 2}, {2, 2}), 1);
  EXPECT_EQ(CountTaps(window, {}, {2, 2}), 0);
}

TEST(SummedWindow, IsOfConvolutionsWithWideTaps) {
  Convolution c;
  c.units = 8;
  c.kernel = {3, 3};
  c.weight = at::randn({8, 16, 3, 3});
  EXPECT_TRUE(c.SummedWindow().has_value());
  c.weight = at::randn({8, 3, 3, 3});
  EXPECT_FALSE(c.SummedWindow().has_value());
  c.kernel = {1, 1};
  c.weight = at::randn({8, 16, 1, 1});
  EXPECT_FALSE(c.SummedWindow().has_value());
}

}  // namespace
}  // namespace netdissect
