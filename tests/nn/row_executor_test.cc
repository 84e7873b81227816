#include "nn/rows/row_executor.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/softmax.h"
#include "nn/random_network.h"
#include "nn/rows/rect.h"

namespace netdissect {
namespace {

class ExecutorOfEachSet : public testing::TestWithParam<const RowKernels*> {};

INSTANTIATE_TEST_SUITE_P(Kernels, ExecutorOfEachSet, testing::ValuesIn(SupportedKernels()),
                         [](const auto& set) { return std::string(set.param->name); });

// (1, C, H, W)
at::Tensor MapOf(const BaseMaps& maps, const Network& network, int layer) {
  const Shape& shape = network.layer(layer).shape;
  std::vector<float> rows = maps[At(layer)];
  return at::from_blob(rows.data(), {1, shape.height, shape.width, shape.units}, at::kFloat)
      .permute({0, 3, 1, 2})
      .clone();
}

std::vector<std::vector<char>> AllOf(const Network& network, const std::vector<int>& layers) {
  std::vector<std::vector<char>> wanted(At(network.size()));
  for (int layer : layers) wanted[At(layer)].assign(At(network.layer(layer).shape.units), 1);
  return wanted;
}

TEST_P(ExecutorOfEachSet, ComputesWholeImagesAsTheForwardPassDoes) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 120; ++seed) {
    const Network network = RandomNetwork(seed, 33, 12, seed % 3 == 0);
    at::manual_seed(seed);
    const at::Tensor image = at::randn({3, 33, 33});
    const std::vector<int> wanted = {network.size() / 2, network.size() - 1};
    RowExecutor executor(network, *GetParam());
    const RowPlan plan = PlanRows(network, AllOf(network, wanted));
    std::vector<Scratch> scratch(2);
    const BaseMaps maps = executor.ComputeWhole(executor.Pack(plan), image, scratch);
    const std::vector<at::Tensor> expected = network.Forward(image.unsqueeze(0), wanted);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (std::count(plan.upper.begin(), plan.upper.end(), wanted[i]) != 0) continue;
      ++compared;
      const at::Tensor found = MapOf(maps, network, wanted[i]);
      const double scale = expected[i].abs().max().item<double>();
      EXPECT_LE((found - expected[i]).abs().max().item<double>(), 1e-5 * scale) << seed;
    }
  }
  EXPECT_GT(compared, 200);  // of 240: the others stand on what has no rows
}

// A cone is the smallest range that holds what is seen, by trying every position.
TEST(Cones, HoldWhatIsSeenAndNoMore) {
  Random random(1, 2);
  const auto below = [&](int n) {
    return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
  };
  for (int attempt = 0; attempt < 3000; ++attempt) {
    AxisReach reach;
    reach.step = below(4);
    reach.per = 1 + below(4);
    reach.low = below(15) - 7;
    reach.high = reach.low + below(8);
    const int input = 1 + below(9), output = 1 + below(9);
    if (below(2) == 0) reach.clamp = input;
    const int start = below(input);
    const Range changed = {start, start + below(input - start)};
    Range seeing;
    for (int o = 0; o < output; ++o) {
      const bool sees = reach.first(o) <= changed.end && reach.last(o) >= changed.start &&
                        reach.first(o) <= reach.last(o);
      if (sees) seeing = Hull(seeing, {o, o});
    }
    const Range cone = ForwardCone(reach, changed, output);
    EXPECT_EQ(cone.empty(), seeing.empty()) << attempt;
    if (!seeing.empty()) {
      EXPECT_EQ(cone.start, seeing.start) << attempt;
      EXPECT_EQ(cone.end, seeing.end) << attempt;
    }
    const int from = below(output);
    const Range wanted = {from, from + below(output - from)};
    Range seen;  // of an axis without ends
    for (int o = wanted.start; o <= wanted.end; ++o) {
      seen = Hull(seen, {static_cast<int>(reach.first(o)), static_cast<int>(reach.last(o))});
    }
    seen = Intersect(seen, {0, input - 1});
    const Range back = BackwardCone(reach, wanted, input);
    EXPECT_EQ(back.empty(), seen.empty()) << attempt;
    if (!seen.empty()) {
      EXPECT_EQ(back.start, seen.start) << attempt;
      EXPECT_EQ(back.end, seen.end) << attempt;
    }
  }
}

TEST(RowExecutor, CountsThePackedWeightsThatItKeeps) {
  Network network({8, 6, 6});
  Convolution c;
  c.units = 32;
  c.groups = 2;
  c.weight = at::randn({32, 4, 1, 1});
  const int layer = network.Add("c", c, {0});
  RowExecutor executor(network);
  const RowPlan whole = PlanRows(network, AllOf(network, {layer}));
  const PackedPlan first = executor.Pack(whole);
  const int64_t kept = executor.bytes();
  EXPECT_GE(kept, 32 * 4 * 4);
  EXPECT_EQ(first.bytes, 0);
  executor.Pack(whole);
  EXPECT_EQ(executor.bytes(), kept) << "packed once";
  // One unit is no whole group: its plan holds its weights.
  std::vector<std::vector<char>> wanted(2);
  wanted[At(layer)].assign(32, 0);
  wanted[At(layer)][5] = 1;
  const RowPlan one = PlanRows(network, wanted);
  EXPECT_GE(executor.Pack(one).bytes, 4 * 4);
  EXPECT_EQ(executor.bytes(), kept);
}

TEST(PlanRows, ComputesNoChannelThatNobodyReads) {
  Network network({3, 8, 8});
  const auto convolution = [](int units, int channels, int groups) {
    Convolution c;
    c.units = units;
    c.groups = groups;
    c.weight = at::randn({units, channels / groups, 1, 1});
    return c;
  };
  const int a = network.Add("a", convolution(32, 3, 1), {0});
  const int b = network.Add("b", convolution(32, 32, 2), {a});
  std::vector<std::vector<char>> wanted(At(network.size()));
  wanted[At(b)].assign(32, 0);
  wanted[At(b)][20] = 1;  // of the second group, which reads the second half of a
  const RowPlan plan = PlanRows(network, wanted);
  ASSERT_EQ(plan.steps.size(), 2u);
  ASSERT_EQ(plan.steps[0].runs.size(), 1u);
  EXPECT_EQ(plan.steps[0].runs[0].first, 16);
  EXPECT_EQ(plan.steps[0].runs[0].count, 16);
  EXPECT_EQ(plan.steps[1].runs[0].first, 20);
  EXPECT_EQ(plan.steps[1].runs[0].count, 1);
  EXPECT_TRUE(plan.upper.empty());
}

TEST(PlanRows, LeavesWhatHasNoRowsToTheLayersAbove) {
  Network network = RandomNetwork(4, 33, 6);
  const int last = network.size() - 1;
  const int flat = network.Add("flat", Flatten{}, {last});
  const int prob = network.Add("prob", Softmax{}, {flat});
  const RowPlan plan = PlanRows(network, AllOf(network, {prob}));
  EXPECT_EQ(plan.upper, (std::vector<int>{flat, prob}));
  EXPECT_EQ(plan.boundary, std::vector<int>{last});
  EXPECT_EQ(plan.steps.back().output, last);
}

TEST(PlanRows, GoesOnAboveWhatSeesEverything) {
  Network network = RandomNetwork(4, 33, 6);
  const int last = network.size() - 1;
  const int pooled = network.Add("pooled", GlobalMaxPooling{}, {last});
  const int flat = network.Add("flat", Flatten{}, {pooled});
  InnerProduct scores;
  scores.units = 5;
  scores.weight = at::randn({5, network.layer(flat).shape.units});
  const int connected = network.Add("connected", scores, {flat});
  const int relu = network.Add("relu", Relu{}, {connected});
  const RowPlan plan = PlanRows(network, AllOf(network, {relu}));
  EXPECT_TRUE(plan.upper.empty());
  EXPECT_EQ(plan.steps.back().layer, connected);
  EXPECT_EQ(plan.steps.back().output, relu);
}

}  // namespace
}  // namespace netdissect
