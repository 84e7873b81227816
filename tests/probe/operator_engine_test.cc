#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "netdissect/probe/operators.h"
#include "nn/alexnet.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/random_network.h"
#include "nn/summary.h"
#include "probe/occlusion_case.h"

namespace netdissect {
namespace {

// Responses are the reference engine's, and some occluder changes something.
void ExpectFullPasses(const Network& network, const OccluderSet& occluders, const at::Tensor& image,
                      const std::vector<UnitPosition>& units, const std::string& what,
                      const OperatorOptions& options = {}) {
  const auto expected = MakeReferenceEngine(network, occluders)->Respond(image, units);
  ExpectSame(network, image, units, expected,
             MakeOperatorEngine(network, occluders, options)->Respond(image, units), what);
  EXPECT_GT(CountChanges(expected), 0) << what;
}

TEST(OperatorEngine, EqualsFullPassesOnRandomGraphs) {
  int64_t changed = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const RandomCase c(seed);
    for (const bool share : {true, false}) {
      OperatorOptions options;
      options.share = share;
      ExpectSame(c.network, c.image, c.units, c.expected,
                 MakeOperatorEngine(c.network, c.occluders, options)->Respond(c.image, c.units),
                 fmt::format("seed {}, share {}", seed, share));
    }
    changed += CountChanges(c.expected);
  }
  EXPECT_GT(changed, 10000);  // that there was something to compare
}

TEST(OperatorEngine, GoesOnAboveFullyConnectedLayers) {
  AlexNetOptions options;
  options.width = 0.1;
  options.classes = 7;
  const Network network = BuildAlexNet(options);
  OcclusionOptions occlusion;
  occlusion.stride = 24;
  const OccluderSet occluders(FormatOf(network), occlusion);
  const at::Tensor image = RandomImage(network, 3);
  const std::vector<UnitPosition> units = {
      {network.Find("prob"), 2, 0, 0},
      {network.Find("fc8"), 5, 0, 0},
      {network.Find("fc6"), Largest(network, "fc6", image), 0, 0},
      {network.Find("pool5"), 3, 2, 4},
      {network.Find("norm1"), 5, 0, 26}};
  ExpectFullPasses(network, occluders, image, units, "alexnet");
}

TEST(OperatorEngine, GoesOnBehindAGate) {
  const Network network = GatedNetwork(3, 2);
  OcclusionOptions occlusion;
  occlusion.stride = 9;
  const OccluderSet occluders(FormatOf(network), occlusion);
  std::vector<UnitPosition> units;
  for (int i = 0; i < 5; ++i) units.push_back({network.size() - 1, i, 4 * i, (7 * i) % 24});
  ExpectFullPasses(network, occluders, RandomImage(network, 4), units, "behind a gate");
}

TEST(OperatorEngine, PoolsGlobally) {
  for (const bool average : {true, false}) {
    Network network = RandomNetwork(4, 47, 6);
    int last = network.size() - 1;
    last = average ? network.Add("pool", GlobalAveragePooling{}, {last})
                   : network.Add("pool", GlobalMaxPooling{}, {last});
    const int prob = network.Add("prob", Softmax{}, {last});
    OcclusionOptions occlusion;
    occlusion.stride = 5;
    const OccluderSet occluders(FormatOf(network), occlusion);
    ExpectFullPasses(network, occluders, RandomImage(network, 5),
                     {{prob, 1, 0, 0}, {last, 0, 0, 0}}, "global");
  }
}

TEST(OperatorEngine, TakesGreyPicturesOfAnyFill) {
  const Network network = GreyNetwork();
  const int conv1 = network.Find("conv1"), conv2 = network.Find("conv2");
  for (const Fill fill : {Fill::kNoise, Fill::kMean, Fill::kColor}) {
    OcclusionOptions occlusion;
    occlusion.patch = 7;
    occlusion.fill = fill;
    occlusion.color = {10, 200, 90};
    const OccluderSet occluders(FormatOf(network), occlusion);
    ExpectFullPasses(network, occluders, RandomImage(network, 6),
                     {{conv1, 3, 7, 9}, {conv2, 5, 4, 3}}, "grey");
  }
}

// At the borders windows are cut off, and hold fewer cells to divide by.
TEST(OperatorEngine, PoolsAtBordersAsFullPassesDo) {
  for (const Pooling::Method method : {Pooling::Method::kAverage, Pooling::Method::kMax}) {
    for (const bool count_padding : {true, false}) {
      at::manual_seed(3);
      Network network({3, 32, 30});
      Pooling pooling;
      pooling.method = method;
      pooling.kernel = {3, 4};
      pooling.stride = {2, 3};
      pooling.padding = {1, 2, 1, 0};
      pooling.ceil = true;
      pooling.count_padding = count_padding;
      const int pool = network.Add("pool", pooling, {0});
      Convolution c;
      c.units = 16;
      c.kernel = {3, 3};
      c.padding = {1, 1, 1, 1};
      c.weight = at::randn({16, 3, 3, 3});
      const int conv = network.Add("conv", c, {pool});
      OcclusionOptions occlusion;
      occlusion.patch = 5;
      const OccluderSet occluders(FormatOf(network), occlusion);
      std::vector<UnitPosition> units;
      for (int layer : {pool, conv}) {
        const Shape& shape = network.layer(layer).shape;
        for (int y : {0, shape.height / 2, shape.height - 1}) {
          for (int x : {0, shape.width / 2, shape.width - 1}) units.push_back({layer, 1, y, x});
        }
      }
      ExpectFullPasses(network, occluders, RandomImage(network, 7), units, "borders");
    }
  }
}

// A tile of a size common to all may hold a unit that an occluder does not reach.
TEST(OperatorEngine, ChangesNothingOutsideTheTheoreticalField) {
  const Network network = RandomNetwork(11, 47, 9);
  OcclusionOptions occlusion;
  occlusion.patch = 5;
  const OccluderSet occluders(FormatOf(network), occlusion);
  const std::vector<UnitPosition> units = RandomUnits(network, network.size() - 1, 6, 2);
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  const auto found =
      MakeOperatorEngine(network, occluders)->Respond(RandomImage(network, 1), units);
  int64_t outside = 0;
  for (size_t u = 0; u < units.size(); ++u) {
    const ReceptiveField& field = fields[static_cast<size_t>(units[u].layer)];
    const Interval rows = occluders.Meeting(field.y.At(units[u].y), occluders.rows());
    const Interval columns = occluders.Meeting(field.x.At(units[u].x), occluders.columns());
    for (int row = 0; row < occluders.rows(); ++row) {
      for (int column = 0; column < occluders.columns(); ++column) {
        if (row >= rows.start && row <= rows.end && column >= columns.start &&
            column <= columns.end) {
          continue;
        }
        ++outside;
        EXPECT_EQ(found[u].change[row][column].item<float>(), 0);
      }
    }
  }
  EXPECT_GT(outside, 0);
}

// Memory decides how many occluders are computed together, which changes rounding alone.
TEST(OperatorEngine, GivesOneAnswerWithLittleMemory) {
  for (const Network& network : {RandomNetwork(11, 47, 12), GatedNetwork(1, 2)}) {
    OcclusionOptions occlusion;
    occlusion.stride = 4;
    const OccluderSet occluders(FormatOf(network), occlusion);
    const at::Tensor image = RandomImage(network, 1);
    const std::vector<UnitPosition> units = RandomUnits(network, network.size() - 1, 6, 2);
    const auto expected = MakeOperatorEngine(network, occluders)->Respond(image, units);
    OperatorOptions small;
    small.memory = int64_t{2} << 20;
    ExpectSame(network, image, units, expected,
               MakeOperatorEngine(network, occluders, small)->Respond(image, units), "memory");
  }
}

TEST(OperatorEngine, RefusesAMemoryBoundThatHoldsNoImage) {
  const Network network = RandomNetwork(2, 47, 8);
  const OccluderSet occluders(FormatOf(network), {});
  OperatorOptions options;
  options.memory = 1000;
  const auto engine = MakeOperatorEngine(network, occluders, options);
  EXPECT_THROW(engine->Respond(RandomImage(network, 1), {{network.size() - 1, 0, 0, 0}}), Error);
  options.memory = 0;
  EXPECT_THROW(MakeOperatorEngine(network, occluders, options), Error);
}

TEST(PlanOperators, CountsWhatTheEngineCounts) {
  const Network network = RandomNetwork(11, 47, 9);
  const OccluderSet occluders(FormatOf(network), {});
  const std::vector<UnitPosition> units = RandomUnits(network, network.size() - 1, 3, 2);
  const at::Tensor image = RandomImage(network, 1);
  const auto reference = MakeReferenceEngine(network, occluders);
  reference->Respond(image, units);
  const auto engine = MakeOperatorEngine(network, occluders);
  engine->Respond(image, units);
  EXPECT_EQ(engine->work().pairs, 3);
  EXPECT_EQ(engine->work().occluders, reference->work().occluders);
  const OcclusionPlan plan = PlanOperators(network, occluders, units);
  EXPECT_EQ(plan.pairs, 3);
  EXPECT_EQ(plan.occluders, reference->work().occluders);
  // The engine's count holds the unoccluded image as well.
  double whole = 0;
  for (int i : network.Needed({network.size() - 1})) {
    whole += static_cast<double>(MultiplyAdds(network, i));
  }
  EXPECT_DOUBLE_EQ(static_cast<double>(engine->work().macs), plan.macs + whole);
  // Tiles are as large as the largest, and still less than whole maps.
  EXPECT_GE(plan.macs, PlanOcclusion(network, occluders, units).macs);
  EXPECT_LT(engine->work().macs, reference->work().macs);
}

}  // namespace
}  // namespace netdissect
