#include "netdissect/probe/incremental.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "netdissect/nn/alexnet.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

InputFormat FormatOf(const Network& network) {
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  format.mean = {100, 110, 120};
  format.scale = {0.02f, 0.02f, 0.02f};
  return format;
}

at::Tensor RandomImage(const Network& network, uint64_t seed) {
  at::manual_seed(seed);
  const Shape& shape = network.input();
  // Smooth and in the range of preprocessed pixels.
  const at::Tensor coarse = at::randn({1, 3, 8, 8});
  return at::upsample_bilinear2d(coarse, {shape.height, shape.width}, false)[0] * 2;
}

std::vector<UnitPosition> RandomUnits(const Network& network, int layer, int count, uint64_t seed) {
  Random random(seed, layer);
  const Shape& shape = network.layer(layer).shape;
  const auto below = [&](int n) {
    return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
  };
  std::vector<UnitPosition> units;
  for (int i = 0; i < count; ++i) {
    units.push_back({layer, below(shape.units), below(shape.height), below(shape.width)});
  }
  units.front().y = units.front().x = 0;  // a corner
  units.back().y = shape.height - 1;      // the other
  units.back().x = shape.width - 1;
  return units;
}

// Largest difference over whole maps, relative to the activation's scale.
void ExpectSame(const std::vector<OcclusionResponse>& expected,
                const std::vector<OcclusionResponse>& found, double tolerance,
                const std::string& what) {
  ASSERT_EQ(expected.size(), found.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const double scale = std::max({std::abs(static_cast<double>(expected[i].original)),
                                   expected[i].change.abs().max().item<double>(), 1e-3});
    EXPECT_NEAR(expected[i].original, found[i].original, tolerance * scale) << what;
    EXPECT_LE((expected[i].change - found[i].change).abs().max().item<double>(), tolerance * scale)
        << what << ", unit " << i;
  }
}

TEST(IncrementalEngine, EqualsFullPassesOnRandomGraphs) {
  int64_t changed = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Network network = RandomNetwork(seed, 47, 10);
    const InputFormat format = FormatOf(network);
    OcclusionOptions occlusion;
    occlusion.patch = 7;
    occlusion.stride = 4;
    occlusion.seed = seed;
    const OccluderSet occluders(format, occlusion);
    const at::Tensor image = RandomImage(network, seed);
    std::vector<UnitPosition> units;
    for (int layer : {network.size() / 3, 2 * network.size() / 3, network.size() - 1}) {
      for (const UnitPosition& unit : RandomUnits(network, layer, 4, seed)) units.push_back(unit);
    }
    const auto expected = MakeReferenceEngine(network, occluders)->Respond(image, units);
    for (const bool share : {true, false}) {
      for (const bool cut : {true, false}) {
        IncrementalOptions options;
        options.share = share;
        options.cut = cut;
        options.threads = cut ? 2 : 1;
        const auto found =
            MakeIncrementalEngine(network, occluders, options)->Respond(image, units);
        ExpectSame(expected, found, 1e-5,
                   fmt::format("seed {}, share {}, cut {}", seed, share, cut));
      }
    }
    for (const OcclusionResponse& response : expected) {
      changed += (response.change != 0).sum().item<int64_t>();
    }
  }
  EXPECT_GT(changed, 10000);  // that there was something to compare
}

// The unit that fires most: one near zero is a difference of large sums, with their rounding.
int Largest(const Network& network, const std::string& layer, const at::Tensor& image) {
  const at::Tensor values = network.Forward(image.unsqueeze(0), {network.Find(layer)})[0];
  return static_cast<int>(values.flatten().argmax().item<int64_t>());
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
  ExpectSame(MakeReferenceEngine(network, occluders)->Respond(image, units),
             MakeIncrementalEngine(network, occluders)->Respond(image, units), 1e-5, "alexnet");
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
    ExpectSame(MakeReferenceEngine(network, occluders)->Respond(image, units),
               MakeIncrementalEngine(network, occluders)->Respond(image, units), 1e-5, "global");
  }
}

TEST(IncrementalEngine, DoesNotDependOnThreadsMemoryOrCompany) {
  const Network network = RandomNetwork(11, 47, 12);
  const OccluderSet occluders(FormatOf(network), {});
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
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(at::equal(expected[i].change, found[i].change)) << i;  // to the bit
  }
}

TEST(IncrementalEngine, RefusesAMemoryBoundThatHoldsNoImage) {
  const Network network = RandomNetwork(2, 47, 8);
  const OccluderSet occluders(FormatOf(network), {});
  IncrementalOptions options;
  options.memory = 1000;
  const auto engine = MakeIncrementalEngine(network, occluders, options);
  EXPECT_THROW(engine->Respond(RandomImage(network, 1), {{network.size() - 1, 0, 0, 0}}), Error);
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
    if (const auto* c = std::get_if<Convolution>(&network.layer(i).kind)) {
      const Shape& shape = network.layer(i).shape;
      whole += static_cast<double>(c->weight.numel()) * shape.height * shape.width;
    }
  }
  EXPECT_DOUBLE_EQ(static_cast<double>(engine->work().macs), plan.macs + whole);
}

}  // namespace
}  // namespace netdissect
