// Tensors of files seen along other axes than a layer's: reshapes, permutations and selections
// against LibTorch's.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/random.h"
#include "nn/expect_error.h"
#include "nn/import/elementwise.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/import/reductions.h"
#include "nn/import/windows.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/pixel_shuffle.h"
#include "nn/kinds/pixel_unshuffle.h"

namespace netdissect {
namespace {

constexpr int64_t kImages = 2;

at::Tensor Counting(const Shape& shape) {
  return at::arange(kImages * shape.units * shape.height * shape.width, at::kFloat)
      .reshape({kImages, shape.units, shape.height, shape.width});
}

GraphBuilder Builder(const Shape& shape) {
  return GraphBuilder(shape, "data", LayerAxes(shape), 0);
}

// What the view means, as the network computes it.
at::Tensor Evaluated(GraphBuilder& graph, const View& view, const at::Tensor& input) {
  const int layer = graph.LayerOf(view);
  return graph.network().Forward(input, {layer})[0];
}

std::vector<int64_t> WithBatch(std::vector<int64_t> sizes) {
  for (int64_t& size : sizes) size = size == kBatch ? kImages : size;
  return sizes;
}

// Some factorisation of `values`, of one to four numbers.
std::vector<int64_t> RandomSizes(int64_t values, Random& random) {
  std::vector<int64_t> sizes;
  const int axes = 1 + static_cast<int>(random.Below(4));
  for (int i = 1; i < axes; ++i) {
    std::vector<int64_t> divisors;
    for (int64_t d = 1; d <= values; ++d) {
      if (values % d == 0) divisors.push_back(d);
    }
    sizes.push_back(divisors[random.Below(divisors.size())]);
    values /= sizes.back();
  }
  sizes.push_back(values);
  return sizes;
}

TEST(ImportAxes, RandomMovesAreLibTorchs) {
  int compared = 0, refused = 0, computed = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed, 1);
    const Shape shape{static_cast<int>(2 + random.Below(11)), static_cast<int>(1 + random.Below(6)),
                      static_cast<int>(1 + random.Below(6))};
    GraphBuilder graph = Builder(shape);
    const at::Tensor input = Counting(shape);
    View view = graph.input();
    at::Tensor expected = input;
    const int moves = 1 + static_cast<int>(random.Below(5));
    bool refuses = false;
    for (int m = 0; m < moves && !refuses; ++m) {
      if (random.Below(2) == 0) {
        std::vector<int64_t> sizes =
            RandomSizes(int64_t{shape.units} * shape.height * shape.width, random);
        sizes.insert(sizes.begin(), kBatch);
        try {
          view = Reshape(graph, fmt::format("m{}", m), view, sizes);
          expected = expected.reshape(WithBatch(sizes));
        } catch (const NotSupported&) {
          refuses = true;  // cuts a permuted axis
        }
      } else {
        std::vector<int64_t> order(view.axes.size());
        std::iota(order.begin(), order.end(), 0);
        for (size_t i = order.size(); i > 2; --i)
          std::swap(order[i - 1], order[1 + random.Below(i - 1)]);
        view = Permute(graph, fmt::format("m{}", m), view, order);
        expected = expected.permute(order).contiguous();
      }
      EXPECT_EQ(WithBatch(SizesOf(view.axes)), expected.sizes().vec());
    }
    if (refuses || (view.axes.size() != 2 && view.axes.size() != 4)) {
      ++refused;
      continue;
    }
    ++compared;
    const at::Tensor found = Evaluated(graph, view, input);
    computed += graph.network().size() > 1 ? 1 : 0;
    ASSERT_TRUE(found.reshape(expected.sizes()).equal(expected)) << "seed " << seed;
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(computed, 600);
  EXPECT_LT(refused, 2000);
}

// Nothing is computed for what is only seen in another way.
TEST(ImportAxes, ShufflesHaveKindsOfTheirOwn) {
  const Shape shape{12, 4, 6};
  const at::Tensor input = Counting(shape);
  GraphBuilder graph = Builder(shape);
  View view = Reshape(graph, "", graph.input(), {kBatch, 3, 4, 4, 6});
  view = Permute(graph, "", view, {0, 2, 1, 3, 4});
  view = Reshape(graph, "shuffled", view, {kBatch, 12, 4, 6});
  const int shuffled = graph.LayerOf(view);
  EXPECT_TRUE(graph.network().layer(shuffled).kind.Is<ChannelSelection>());
  EXPECT_EQ(graph.network().layer(shuffled).name, "shuffled");
  EXPECT_EQ(graph.network().size(), 2);

  for (const bool channels_first : {true, false}) {
    const View up =
        DepthToSpace(graph, fmt::format("up{}", channels_first), graph.input(), 2, channels_first);
    const Layer& layer = graph.network().layer(up.layer);
    EXPECT_TRUE(layer.kind.Is<PixelShuffle>());
    EXPECT_EQ(layer.shape, (Shape{3, 8, 12}));
    const View down =
        SpaceToDepth(graph, fmt::format("down{}", channels_first), up, 2, channels_first);
    EXPECT_TRUE(Evaluated(graph, down, input).equal(input));
  }
  const View back =
      Permute(graph, "back", Permute(graph, "last", graph.input(), {0, 2, 3, 1}), {0, 3, 1, 2});
  EXPECT_EQ(graph.LayerOf(back), 0);
}

TEST(ImportAxes, ChannelsLastAndFirstComputeTheSame) {
  const Shape shape{3, 5, 7};
  const at::Tensor input = Counting(shape);
  GraphBuilder graph(
      shape, "data",
      {LayerAxes(shape)[0], LayerAxes(shape)[2], LayerAxes(shape)[3], LayerAxes(shape)[1]}, 1);
  const View nhwc = graph.input();
  const at::Tensor w = at::arange(12, at::kFloat).reshape({4, 3});
  // A product along the last axis, a constant for each of its places, a slice of it, a mean.
  View view = Multiply(graph, "product", nhwc, w, {});
  const at::Tensor c = at::arange(4, at::kFloat) + 1;
  view = Combine(graph, "scaled", Arithmetic::kMultiply, view, c, false);
  at::Tensor expected = input.permute({0, 2, 3, 1}).matmul(w.t()) * c;
  EXPECT_TRUE(Evaluated(graph, Permute(graph, "", view, {0, 3, 1, 2}), input)
                  .allclose(expected.permute({0, 3, 1, 2})));
  view = Slice(graph, "slice", view, 3, 1, 4, 2);
  view = Slice(graph, "rows", view, 1, -3, 1 << 30, 2);
  expected = expected.slice(3, 1, 4, 2).slice(1, 2, 5, 2);
  const View mean = Reduce(graph, "mean", Reduction::kMean, view, {1, 2}, false);
  EXPECT_EQ(SizesOf(mean.axes), (std::vector<int64_t>{kBatch, 2}));
  EXPECT_TRUE(Evaluated(graph, mean, input)
                  .reshape({kImages, 2})
                  .allclose(expected.mean(at::IntArrayRef{1, 2})));
  // Flattened in this order.
  const View flat = FlattenFrom(graph, "flat", view, 1);
  const at::Tensor m = at::arange(2 * 2 * 7 * 2, at::kFloat).reshape({2, 28}) / 100;
  EXPECT_TRUE(Evaluated(graph, Multiply(graph, "scores", flat, m, {}), input)
                  .reshape({kImages, 2})
                  .allclose(expected.flatten(1).matmul(m.t())));
}

TEST(ImportAxes, ReductionsAreLibTorchs) {
  for (const Shape& shape : {Shape{4, 3, 5}, Shape{1, 3, 5}, Shape{4, 1, 5}, Shape{1, 1, 1}}) {
    const at::Tensor input = Counting(shape) - 7;
    const std::vector<std::vector<int64_t>> all = {{1}, {2}, {3}, {2, 3}, {1, 2, 3}, {1, 3}};
    for (const std::vector<int64_t>& axes : all) {
      GraphBuilder graph = Builder(shape);
      const auto compare = [&](Reduction what, const at::Tensor& expected) {
        const View view = Reduce(graph, fmt::format("r{}", static_cast<int>(what)), what,
                                 graph.input(), axes, true);
        EXPECT_TRUE(Evaluated(graph, view, input).allclose(expected)) << shape.units << view.name;
      };
      compare(Reduction::kMean, input.mean(axes, true));
      compare(Reduction::kMax, input.amax(axes, true));
      compare(Reduction::kMin, input.amin(axes, true));
      compare(Reduction::kSum, input.sum(axes, true));
      if (axes == std::vector<int64_t>{1}) {
        compare(Reduction::kNorm2, (input * input).sum(axes, true).sqrt());
      }
    }
  }
}

TEST(ImportAxes, BroadcastingIsNumPys) {
  const Shape shape{4, 3, 5};
  const at::Tensor input = Counting(shape) / 7;
  GraphBuilder graph = Builder(shape);
  const View x = graph.input();
  const View gate = Reduce(graph, "gate", Reduction::kMean, x, {2, 3}, true);
  const View map = Reduce(graph, "map", Reduction::kMax, x, {1}, true);
  const View row = Reduce(graph, "row", Reduction::kSum, x, {2}, true);
  const auto compare = [&](const View& view, const at::Tensor& expected) {
    const at::Tensor found = Evaluated(graph, view, input);
    EXPECT_TRUE(found.allclose(expected.expand_as(found))) << view.name;
    EXPECT_EQ(found.sizes(), expected.sizes()) << view.name;
  };
  const at::Tensor g = input.mean(at::IntArrayRef{2, 3}, true), m = input.amax(1, true),
                   r = input.sum(2, true);
  compare(gate, g);
  compare(map, m);
  compare(row, r);
  compare(Combine(graph, "x*g", Arithmetic::kMultiply, x, gate), input * g);
  compare(Combine(graph, "m-x", Arithmetic::kSubtract, map, x), m - input);
  compare(Combine(graph, "x+r", Arithmetic::kAdd, x, row), input + r);
  compare(Combine(graph, "g max m", Arithmetic::kMaximum, gate, map), at::maximum(g, m));
  compare(Combine(graph, "x/m", Arithmetic::kDivide, x,
                  Combine(graph, "m+1", Arithmetic::kAdd, map, at::ones({}), false)),
          input / (m + 1));
  ExpectError(
      [&] {
        Combine(graph, "w", Arithmetic::kAdd, x, at::ones({3, 5}) + at::arange(5), false);
      },
      {"positions", "3 x 5"});
  ExpectError([&] { Combine(graph, "w", Arithmetic::kAdd, x, at::ones({4}), false); },
              {"4", "N x 4 x 3 x 5"});
}

}  // namespace
}  // namespace netdissect
