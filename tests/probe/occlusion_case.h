#pragma once
// Networks, images and units to occlude, and what engines' answers have in common.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "netdissect/probe/occlusion.h"
#include "nn/random_network.h"

namespace netdissect {

inline InputFormat FormatOf(const Network& network) {
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  if (network.input().units == 1) format.order = ChannelOrder::kGray;
  format.mean = {100, 110, 120};
  format.scale = {0.02f, 0.02f, 0.02f};
  return format;
}

inline at::Tensor RandomImage(const Network& network, uint64_t seed) {
  at::manual_seed(seed);
  const Shape& shape = network.input();
  // Smooth and in the range of preprocessed pixels.
  const at::Tensor coarse = at::randn({1, shape.units, 8, 8});
  return at::upsample_bilinear2d(coarse, {shape.height, shape.width}, false)[0] * 2;
}

inline std::vector<UnitPosition> RandomUnits(const Network& network, int layer, int count,
                                             uint64_t seed) {
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

// A random graph with units of low, middle and high layers, and what full passes answer.
struct RandomCase {
  explicit RandomCase(uint64_t seed)
      : network(RandomNetwork(seed, 47, 10, seed % 3 == 0)),
        occluders(FormatOf(network), OptionsOf(seed)),
        image(RandomImage(network, seed)) {
    for (int layer : {network.size() / 3, 2 * network.size() / 3, network.size() - 1}) {
      for (const UnitPosition& unit : RandomUnits(network, layer, 4, seed)) units.push_back(unit);
    }
    expected = MakeReferenceEngine(network, occluders)->Respond(image, units);
  }

  static OcclusionOptions OptionsOf(uint64_t seed) {
    OcclusionOptions occlusion;
    occlusion.patch = 7;
    occlusion.stride = 4;
    occlusion.seed = seed;
    return occlusion;
  }

  Network network;
  OccluderSet occluders;
  at::Tensor image;
  std::vector<UnitPosition> units;
  std::vector<OcclusionResponse> expected;
};

// How many occluders change how much a unit fires.
inline int64_t CountChanges(const std::vector<OcclusionResponse>& responses) {
  int64_t changed = 0;
  for (const OcclusionResponse& response : responses) {
    changed += (response.change != 0).sum().item<int64_t>();
  }
  return changed;
}

// Largest differences over whole maps are rounding in sums of activations: relative to the largest
// of the unit's layer, or to a tenth of the largest below it, as what is left of a clip is a
// difference of large numbers.
inline void ExpectSame(const Network& network, const at::Tensor& image,
                       const std::vector<UnitPosition>& units,
                       const std::vector<OcclusionResponse>& expected,
                       const std::vector<OcclusionResponse>& found, const std::string& what) {
  constexpr double kTolerance = 2e-6;
  ASSERT_EQ(expected.size(), found.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const at::Tensor layer = network.Forward(image.unsqueeze(0), {units[i].layer})[0];
    double below = 0;
    for (const int index : network.Needed({units[i].layer})) {
      const at::Tensor values = network.Forward(image.unsqueeze(0), {index})[0];
      below = std::max(below, values.abs().max().item<double>());
    }
    const double scale = std::max(layer.abs().max().item<double>(), 0.1 * below);
    EXPECT_NEAR(expected[i].original, found[i].original, kTolerance * scale) << what;
    EXPECT_LE((expected[i].change - found[i].change).abs().max().item<double>(), kTolerance * scale)
        << what << ", unit " << i;
  }
}

// The unit that fires most: one near zero is a difference of large sums, with their rounding.
inline int Largest(const Network& network, const std::string& layer, const at::Tensor& image) {
  const at::Tensor values = network.Forward(image.unsqueeze(0), {network.Find(layer)})[0];
  return static_cast<int>(values.flatten().argmax().item<int64_t>());
}

// Squeeze and excitation, its gate with a hidden layer, between convolutions.
inline Network GatedNetwork(int below, int above) {
  NetworkDice dice(5, 47);
  dice.Add(dice.MakeConvolution(0, 16, 3, 2, 1, 1, 1), {0});
  for (int i = 0; i < below; ++i) {
    dice.Add(dice.MakeConvolution(dice.last, 16, 3, 1, 1, 1, 1), {dice.last});
  }
  const int map = dice.Add(Relu{}, {dice.last});
  dice.Add(GlobalAveragePooling{}, {map});
  dice.Add(dice.MakeConvolution(dice.last, 4, 1, 1, 1, 0, 1), {dice.last});
  dice.Add(Relu{}, {dice.last});
  dice.Add(dice.MakeConvolution(dice.last, 16, 1, 1, 1, 0, 1), {dice.last});
  const int gate = dice.Add(Pointwise(Pointwise::Function::kSigmoid), {dice.last});
  dice.Add(Product{}, {map, gate});
  for (int i = 0; i < above; ++i) {
    dice.Add(dice.MakeConvolution(dice.last, 16, 3, 1, 1, 1, 1), {dice.last});
  }
  return dice.network;
}

// Of one channel: conv1 (5x5/2), pool (2x2/2), conv2 (3x3).
inline Network GreyNetwork() {
  at::manual_seed(8);
  Network network({1, 40, 36});
  Convolution first;
  first.units = 8;
  first.kernel = {5, 5};
  first.stride = {2, 2};
  first.padding = {2, 2, 2, 2};
  first.weight = at::randn({8, 1, 5, 5});
  const int conv1 = network.Add("conv1", first, {0});
  Pooling pooling;
  pooling.kernel = {2, 2};
  pooling.stride = {2, 2};
  Convolution second;
  second.units = 16;
  second.kernel = {3, 3};
  second.weight = at::randn({16, 8, 3, 3});
  network.Add("conv2", second, {network.Add("pool", pooling, {conv1})});
  return network;
}

}  // namespace netdissect
