#include "netdissect/probe/incremental.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "nn/alexnet.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/softmax.h"
#include "nn/random_network.h"
#include "nn/rows/row_executor.h"
#include "nn/summary.h"
#include "probe/grouping.h"
#include "probe/occlusion_case.h"
#include "probe/program.h"

namespace netdissect {
namespace {

TEST(IncrementalEngine, EqualsFullPassesOnRandomGraphs) {
  int64_t changed = 0;
  for (uint64_t seed = 0; seed < 90; ++seed) {
    const RandomCase c(seed);
    for (const bool share : {true, false}) {
      for (const bool cut : {true, false}) {
        IncrementalOptions options;
        options.share = share;
        options.cut = cut;
        options.threads = cut ? 2 : 1;
        ExpectSame(
            c.network, c.image, c.units, c.expected,
            MakeIncrementalEngine(c.network, c.occluders, options)->Respond(c.image, c.units),
            fmt::format("seed {}, share {}, cut {}", seed, share, cut));
      }
    }
    changed += CountChanges(c.expected);
  }
  EXPECT_GT(changed, 10000);  // that there was something to compare
}

TEST(IncrementalEngine, GoesOnInFullAboveGlobalLayers) {
  AlexNetOptions options;
  options.width = 0.1;
  options.classes = 7;
  const Network network = BuildAlexNet(options);
  const InputFormat format = FormatOf(network);
  OcclusionOptions occlusion;
  occlusion.stride = 24;
  const OccluderSet occluders(format, occlusion);
  const at::Tensor image = RandomImage(network, 3);
  std::vector<UnitPosition> units = {{network.Find("prob"), 2, 0, 0},
                                     {network.Find("fc8"), 5, 0, 0},
                                     {network.Find("fc6"), Largest(network, "fc6", image), 0, 0},
                                     {network.Find("pool5"), 3, 2, 4},
                                     {network.Find("norm1"), 5, 0, 26}};
  ExpectSame(network, image, units, MakeReferenceEngine(network, occluders)->Respond(image, units),
             MakeIncrementalEngine(network, occluders)->Respond(image, units), "alexnet");
}

TEST(IncrementalEngine, PoolsAndFlattensGlobally) {
  for (const bool average : {true, false}) {
    Network network = RandomNetwork(4, 47, 6);
    int last = network.size() - 1;
    last = average ? network.Add("pool", GlobalAveragePooling{}, {last})
                   : network.Add("pool", GlobalMaxPooling{}, {last});
    const int prob = network.Add("prob", Softmax{}, {last});
    OcclusionOptions occlusion;
    occlusion.stride = 5;
    const OccluderSet occluders(FormatOf(network), occlusion);
    const at::Tensor image = RandomImage(network, 5);
    const std::vector<UnitPosition> units = {{prob, 1, 0, 0}, {last, 0, 0, 0}};
    ExpectSame(network, image, units,
               MakeReferenceEngine(network, occluders)->Respond(image, units),
               MakeIncrementalEngine(network, occluders)->Respond(image, units), "global");
  }
}

// Of one channel, of which patches are covered too.
TEST(IncrementalEngine, TakesGreyPictures) {
  const Network network = GreyNetwork();
  const int conv1 = network.Find("conv1"), conv2 = network.Find("conv2");
  const at::Tensor image = RandomImage(network, 6);
  for (const Fill fill : {Fill::kNoise, Fill::kMean, Fill::kColor}) {
    OcclusionOptions occlusion;
    occlusion.patch = 7;
    occlusion.fill = fill;
    occlusion.color = {10, 200, 90};
    const OccluderSet occluders(FormatOf(network), occlusion);
    const std::vector<UnitPosition> units = {{conv1, 3, 7, 9}, {conv2, 5, 4, 3}};
    const auto expected = MakeReferenceEngine(network, occluders)->Respond(image, units);
    EXPECT_GT((expected[1].change != 0).sum().item<int64_t>(), 20);
    ExpectSame(network, image, units, expected,
               MakeIncrementalEngine(network, occluders)->Respond(image, units), "grey");
  }
}

// A dilated window may have no tap inside the image: its maximum is that of nothing.
TEST(IncrementalEngine, PoolsWhereAWindowLiesInPaddingAlone) {
  Network network({3, 1, 24});
  Convolution c;
  c.units = 16;
  c.weight = at::randn({16, 3, 1, 1});
  const int conv = network.Add("conv", c, {0});
  Pooling pooling;
  pooling.kernel = {2, 2};
  pooling.dilation = {3, 3};
  pooling.padding = {2, 2, 2, 2};
  const int pool = network.Add("pool", pooling, {conv});
  const Shape& shape = network.layer(pool).shape;
  ASSERT_EQ(shape.height, 2);
  InputFormat format = FormatOf(network);
  OcclusionOptions occlusion;
  occlusion.patch = 1;
  occlusion.stride = 3;
  const OccluderSet occluders(format, occlusion);
  const at::Tensor image = at::randn({3, 1, 24});
  const at::Tensor whole = network.Forward(image.unsqueeze(0), {pool})[0];
  const auto engine = MakeIncrementalEngine(network, occluders);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const UnitPosition unit = {pool, 3, y, x};
      EXPECT_EQ(engine->Respond(image, {unit}).front().original, whole[0][3][y][x].item<float>())
          << y << ", " << x;
    }
  }
}

// The units' change, to the bit.
void ExpectOneAnswer(const Network& network) {
  OcclusionOptions occlusion;
  occlusion.stride = 4;
  const OccluderSet occluders(FormatOf(network), occlusion);
  const at::Tensor image = RandomImage(network, 1);
  const std::vector<UnitPosition> units = RandomUnits(network, network.size() - 1, 6, 2);
  IncrementalOptions one;
  one.threads = 1;
  one.share = false;
  const auto expected = MakeIncrementalEngine(network, occluders, one)->Respond(image, units);
  IncrementalOptions small;
  small.threads = 2;
  small.share = false;
  small.memory = int64_t{2} << 20;
  const auto found = MakeIncrementalEngine(network, occluders, small)->Respond(image, units);
  double change = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(at::equal(expected[i].change, found[i].change)) << i;
    change += expected[i].change.abs().sum().item<double>();
  }
  EXPECT_GT(change, 0);
}

TEST(IncrementalEngine, DoesNotDependOnThreadsMemoryOrCompany) {
  ExpectOneAnswer(RandomNetwork(11, 47, 12));
}

TEST(IncrementalEngine, GivesOneAnswerBehindAGate) { ExpectOneAnswer(GatedNetwork(0, 2)); }

// Wherever they are, units behind a gate need all that changes below it.
TEST(GroupUnits, RecomputesOnceForUnitsBehindAGate) {
  const Network network = GatedNetwork(3, 1);
  OcclusionOptions occlusion;
  occlusion.stride = 9;
  const OccluderSet occluders(FormatOf(network), occlusion);
  std::vector<UnitPosition> units;
  for (int i = 0; i < 24; ++i) units.push_back({network.size() - 1, i % 16, i, (7 * i) % 24});
  ASSERT_EQ(network.layers().back().shape.height, 24);
  EXPECT_EQ(GroupUnits(network, occluders, units, true).size(), 1u);
  EXPECT_EQ(GroupUnits(network, occluders, units, false).size(), 24u);
  const at::Tensor image = RandomImage(network, 4);
  ExpectSame(network, image, units, MakeReferenceEngine(network, occluders)->Respond(image, units),
             MakeIncrementalEngine(network, occluders)->Respond(image, units), "behind a gate");
}

TEST(IncrementalEngine, RefusesAMemoryBoundThatHoldsNoImage) {
  const Network network = RandomNetwork(2, 47, 8);
  const OccluderSet occluders(FormatOf(network), {});
  IncrementalOptions options;
  options.memory = 1000;
  const auto engine = MakeIncrementalEngine(network, occluders, options);
  EXPECT_THROW(engine->Respond(RandomImage(network, 1), {{network.size() - 1, 0, 0, 0}}), Error);
}

// One byte less than the unoccluded image's activations and the packed weights is too little.
TEST(IncrementalEngine, CountsPackedWeightsAgainstTheMemoryBound) {
  const Network network = RandomNetwork(2, 47, 8);
  const OccluderSet occluders(FormatOf(network), {});
  const std::vector<UnitPosition> units = {{network.size() - 1, 0, 0, 0}};
  RowExecutor executor(network);
  const RowPlan plan = PlanWhole(network, units);
  const PackedPlan packed = executor.Pack(plan);
  const int64_t weights = executor.bytes() + packed.bytes;
  ASSERT_GT(weights, 0);
  const auto bytes = [&](int layer) {
    const Shape& shape = network.layer(layer).shape;
    return int64_t{4} * shape.units * shape.height * shape.width;
  };
  IncrementalOptions options;
  options.memory = weights + bytes(0);
  for (const RowStep& step : plan.steps) options.memory += bytes(step.output);
  const at::Tensor image = RandomImage(network, 1);
  EXPECT_NO_THROW(MakeIncrementalEngine(network, occluders, options)->Respond(image, units));
  options.memory -= 1;
  EXPECT_THROW(MakeIncrementalEngine(network, occluders, options)->Respond(image, units), Error);
}

// The layers above are evaluated for as many occluders at a time as memory allows.
TEST(IncrementalEngine, EvaluatesLayersAboveInBatchesOfAnySize) {
  AlexNetOptions architecture;
  architecture.width = 0.1;
  architecture.classes = 7;
  const Network network = BuildAlexNet(architecture);
  OcclusionOptions occlusion;
  occlusion.stride = 16;
  const OccluderSet occluders(FormatOf(network), occlusion);
  const at::Tensor image = RandomImage(network, 3);
  const std::vector<UnitPosition> units = {{network.Find("fc8"), 5, 0, 0},
                                           {network.Find("fc6"), 9, 0, 0}};
  const auto respond = [&](int64_t memory, int threads) {
    IncrementalOptions options;
    options.memory = memory;
    options.threads = threads;
    return MakeIncrementalEngine(network, occluders, options)->Respond(image, units);
  };
  const auto expected = respond(int64_t{2} << 30, 1);
  ExpectSame(network, image, units, expected, respond(int64_t{2} << 20, 1), "little memory");
  // The batches do not depend on the threads.
  const auto threaded = respond(int64_t{2} << 30, 2);
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(at::equal(expected[i].change, threaded[i].change)) << i;
  }
}

TEST(PlanOcclusion, CountsWhatTheEnginesCount) {
  const Network network = RandomNetwork(11, 47, 9);
  const OccluderSet occluders(FormatOf(network), {});
  const std::vector<UnitPosition> units = RandomUnits(network, network.size() - 1, 3, 2);
  IncrementalOptions options;
  options.cut = false;
  const OcclusionPlan plan = PlanOcclusion(network, occluders, units, options);
  const auto reference = MakeReferenceEngine(network, occluders);
  reference->Respond(RandomImage(network, 1), units);
  EXPECT_EQ(plan.occluders, reference->work().occluders);
  EXPECT_EQ(plan.pairs, 3);
  const auto engine = MakeIncrementalEngine(network, occluders, options);
  engine->Respond(RandomImage(network, 1), units);
  // The engine's count holds the unoccluded image as well.
  double whole = 0;
  for (int i : network.Needed({network.size() - 1})) {
    whole += static_cast<double>(MultiplyAdds(network, i));
  }
  EXPECT_DOUBLE_EQ(static_cast<double>(engine->work().macs), plan.macs + whole);
}

}  // namespace
}  // namespace netdissect
