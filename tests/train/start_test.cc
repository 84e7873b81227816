#include "train/start.h"

#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <functional>

#include "nn/alexnet.h"
#include "nn/expect_error.h"
#include "nn/graph_file.h"
#include "train/every_kind.h"

namespace netdissect {
namespace {

at::Tensor WeightOf(const Network& network, const std::string& name) {
  return WeightsOf(network).tensors.at(name);
}

TEST(Start, IsTheSeedsAlexNetWithAllClassesEquallyLikely) {
  AlexNetOptions options;
  options.width = 0.04;
  options.fc = 16;
  options.classes = 9;
  options.seed = 8;
  const Network start = StartOf(BuildAlexNet(options), {3, false, 4});
  options.classes = 3;
  options.seed = 4;
  const SafeTensors expected = WeightsOf(BuildAlexNet(options)), found = WeightsOf(start);
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (const auto& [name, tensor] : expected.tensors) {
    const bool classifier = name == "fc8.weight";
    EXPECT_TRUE(found.tensors.at(name).equal(classifier ? at::zeros_like(tensor) : tensor)) << name;
  }
  // In-place layers go by two names, as they did.
  EXPECT_EQ(start.Find("conv4"), start.Find("relu4"));
}

TEST(Start, HasNothingThatTheScoresDoNotNeed) {
  Network network({3, 4, 4});
  const int conv = network.Add("conv", BlankConvolution(3, 6, 3), {0});
  const int side = network.Add("side", BlankProduct(6 * 16, 1000), {conv});
  network.Add("side_prob", Softmax{}, {side});
  const int pool = network.Add("pool", GlobalAveragePooling{}, {conv});
  network.Bind("features", pool);
  network.Add("fc", BlankProduct(6, 1000), {pool});
  network.SetOutputs({"fc", "side_prob"});
  const Network start = StartOf(network, {7, true, 0});
  EXPECT_FALSE(start.Has("side"));
  EXPECT_FALSE(start.Has("side_prob"));
  EXPECT_EQ(start.layer(start.Find("features")).name, "pool");
  EXPECT_EQ(start.layers().back().shape, (Shape{7, 1, 1}));
  EXPECT_EQ(start.outputs(), std::vector<std::string>{"fc"});
}

// A rectified zero has no gradient, so that nothing would ever be learnt.
TEST(Start, AClassifierBelowARectificationIsRandom) {
  for (const bool rectified : {false, true}) {
    Network network({3, 4, 4});
    int last = network.Add("conv", BlankConvolution(3, 10, 1), {0});
    if (rectified) last = network.Add("relu", Relu{}, {last});
    last = network.Add("pool", GlobalAveragePooling{}, {last});
    last = network.Add("flat", Flatten{}, {last});
    network.Add("prob", Softmax{}, {last});
    network.SetOutputs({"prob"});
    const ClassScores scores = FindClassScores(network);
    EXPECT_EQ(network.layer(scores.layer).name, "flat");
    EXPECT_EQ(network.layer(scores.classifier).name, "conv");
    EXPECT_EQ(scores.linear, !rectified);
    const Network start = StartOf(network, {4, true, 1});
    EXPECT_EQ(start.layers().back().shape.units, 4);
    EXPECT_EQ(WeightOf(start, "conv.weight").abs().max().item<float>() > 0, rectified);
    EXPECT_FALSE(IsNormalised(start, start.Find("conv")));
  }
}

TEST(Start, WhatIsNormalisedHasABias) {
  const Network network = NetworkOfEveryKind();
  const SafeTensors plain = WeightsOf(StartOf(network, {3, false, 1}));
  const SafeTensors normalised = WeightsOf(StartOf(network, {3, true, 1}));
  for (const char* conv : {"conv1", "left", "right", "conv3"}) {
    EXPECT_EQ(plain.tensors.count(std::string(conv) + ".bias"), 0u) << conv;
    EXPECT_EQ(normalised.tensors.count(std::string(conv) + ".bias"), 1u) << conv;
  }
  EXPECT_TRUE(IsNormalised(network, network.Find("scale")));
  EXPECT_FALSE(IsNormalised(network, network.Find("scores")));
}

TEST(Start, ANormalisationBehindAConvolutionTakesItsPlace) {
  Network network({3, 4, 4});
  const Affine affine(at::ones({4}), at::zeros({4}));
  const int alone = network.Add("alone", BlankConvolution(3, 4, 3), {0});
  const int norm = network.Add("norm", affine, {alone});
  const int shared = network.Add("shared", BlankConvolution(4, 4, 3), {norm});
  const int other = network.Add("other", affine, {shared});
  const int sum = network.Add("sum", Sum{}, {shared, other});
  network.Add("fc", BlankProduct(4 * 16, 3), {sum});
  network.SetOutputs({"fc"});
  EXPECT_FALSE(IsNormalised(network, alone));
  EXPECT_TRUE(IsNormalised(network, norm));
  EXPECT_TRUE(IsNormalised(network, shared));
}

TEST(Start, PreprocessingStaysAsItIs) {
  Network network({3, 4, 4});
  const at::Tensor scale = at::ones({3}) * 0.5, shift = at::ones({3}) * -7;
  const int centred = network.Add("centred", Affine(scale, shift), {0});
  network.Add("fc", BlankProduct(48, 3), {centred});
  network.SetOutputs({"fc"});
  EXPECT_TRUE(IsPreprocessing(network, centred));
  EXPECT_FALSE(IsNormalised(network, centred));
  const Network start = StartOf(network, {3, true, 1});
  EXPECT_TRUE(WeightOf(start, "centred.scale").equal(scale));
  EXPECT_TRUE(WeightOf(start, "centred.shift").equal(shift));
}

TEST(Start, NamesTheLayerWhoseOutputIsNoClassScores) {
  const auto refuse = [](const std::function<void(Network&)>& finish,
                         const std::vector<std::string>& words) {
    Network network({3, 4, 4});
    network.Add("conv", BlankConvolution(3, 4, 3), {0});
    finish(network);
    network.SetOutputs({network.layers().back().name});
    ExpectError([&] { FindClassScores(network); }, words);
    ExpectError([&] { StartOf(network, {}); }, words);
  };
  refuse([](Network&) {}, {"layer conv", "class scores", "4 x 4 x 4"});
  refuse(
      [](Network& n) {
        const int a = n.Add("a", GlobalMaxPooling{}, {1}), b = n.Add("b", GlobalMaxPooling{}, {1});
        n.Add("prob", Softmax{}, {n.Add("twice", Sum{}, {a, b})});
      },
      {"layer twice", "convolution or inner product", "found sum"});
  refuse([](Network& n) { n.Add("flat", Flatten{}, {n.Add("pool", Pooling{}, {1})}); },
         {"layer flat", "convolution or inner product", "found flatten"});
  refuse(
      [](Network& n) {
        Relu relu;
        relu.slopes = at::ones({4});
        n.Add("relu", relu, {n.Add("mean", GlobalAveragePooling{}, {1})});
      },
      {"layer relu", "convolution or inner product"});
}

}  // namespace
}  // namespace netdissect
