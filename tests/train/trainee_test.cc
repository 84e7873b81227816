#include "train/trainee.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/rand_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "nn/expect_error.h"
#include "nn/graph_file.h"
#include "train/every_kind.h"
#include "train/start.h"
#include "train/training_set.h"

namespace netdissect {
namespace {

constexpr double kLargeDivisor = 4;

Network Plain(bool norm = false) {
  AlexNetOptions architecture = TinyArchitecture();
  architecture.norm = norm;
  architecture.classes = 3;
  architecture.seed = 2;
  return StartOf(BuildAlexNet(architecture), {3, !norm, 2});
}

at::Tensor Input(int images, uint64_t seed, int size = 227) {
  at::manual_seed(seed);
  return at::randn({images, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Targets(int images) { return at::arange(images, at::kLong).remainder(3); }

// The classifier starts at zero, from where little can be seen.
void Disturb(const Trainee& trainee) {
  at::manual_seed(9);
  for (auto& [name, tensor] : trainee.State()) {
    const bool variance = name.find("variance") != std::string::npos;
    if (name.find("momentum") == std::string::npos) {
      at::Tensor shared = tensor;
      shared.add_(variance ? at::rand_like(tensor) : at::randn_like(tensor) * 0.05);
    }
  }
}

double LossOf(const Trainee& trainee, const at::Tensor& input, const at::Tensor& targets) {
  return trainee.Differentiate(input, targets, 1, 0, 0).loss;
}

TEST(Trainee, StartsWithAllClassesEquallyLikely) {
  const Trainee trainee(Plain(), {});
  EXPECT_NEAR(LossOf(trainee, Input(2, 1), Targets(2)), 2 * std::log(3.0), 1e-5);
}

// The derivative along a direction, beside the difference of the loss at its two ends.
void ExpectGradientsOfTheLoss(const Trainee& trainee, const at::Tensor& input) {
  Disturb(trainee);
  const at::Tensor targets = Targets(static_cast<int>(input.size(0)));
  const ShardGradient shard = trainee.Differentiate(input, targets, kLargeDivisor, 0, 0);
  // State() orders by name; gradients are in the order of the layers.
  std::vector<std::string> names;
  for (int i = 1; i < trainee.network().size(); ++i) {
    const std::string& layer = trainee.network().layer(i).name;
    for (const char* end :
         {".slopes", ".weight", ".norm.scale", ".norm.shift", ".scale", ".shift", ".bias"}) {
      if (trainee.State().count(layer + end) != 0) names.push_back(layer + end);
    }
  }
  ASSERT_EQ(names.size(), shard.gradients.size());
  for (size_t i = 0; i < names.size(); ++i) {
    at::Tensor value = trainee.State().at(names[i]);
    ASSERT_EQ(value.sizes(), shard.gradients[i].sizes()) << names[i];
    const at::Tensor direction = shard.gradients[i] / shard.gradients[i].norm().clamp_min(1e-9);
    const double step = 2e-3 * std::max(0.5, value.norm().item<double>());
    value.add_(direction, step);
    const double above = LossOf(trainee, input, targets);
    value.sub_(direction, 2 * step);
    const double below = LossOf(trainee, input, targets);
    value.add_(direction, step);
    const double difference = (above - below) / (2 * step) / kLargeDivisor;
    const double derivative = (shard.gradients[i] * direction).sum().item<double>();
    EXPECT_NEAR(derivative, difference, 0.06 * std::abs(difference) + 2e-3) << names[i];
  }
}

TEST(Trainee, GradientsAreThoseOfTheLoss) {
  for (const bool batch_norm : {false, true}) {
    SCOPED_TRACE(batch_norm);
    const TraineeOptions options = {batch_norm, 0.5, 0.1, 3};
    ExpectGradientsOfTheLoss(Trainee(Plain(!batch_norm), options), Input(4, 2));
  }
}

TEST(Trainee, GradientsReachEveryKindOfLayer) {
  for (const bool batch_norm : {false, true}) {
    SCOPED_TRACE(batch_norm);
    const Network start = StartOf(NetworkOfEveryKind(), {3, batch_norm, 2});
    const Trainee trainee(start, {batch_norm, {}, 0.1, 3});
    ExpectGradientsOfTheLoss(trainee, Input(4, 2, 12));
    const auto state = trainee.State();
    for (const char* name : {"relu2.slopes", "conv3.weight", "scores.bias"}) {
      EXPECT_EQ(state.count(name), 1u) << name;
    }
    EXPECT_EQ(state.count("scale.scale"), batch_norm ? 0u : 1u);
    EXPECT_EQ(state.count("scale.norm.mean"), batch_norm ? 1u : 0u);
  }
}

TEST(Trainee, DropsAtTheRatesOfTheNetworkUnlessAskedForAnother) {
  Network network({3, 4, 4});
  Dropout dropout;
  dropout.rate = 0.25f;
  network.Add("fc", BlankProduct(48, 3), {network.Add("drop", dropout, {0})});
  network.SetOutputs({"fc"});
  const auto gradient = [&](std::optional<double> rate) {
    return Trainee(network, {false, rate, 0, 3}).Differentiate(Input(8, 2, 4), Targets(8), 1, 0, 0);
  };
  const auto same = [](const ShardGradient& a, const ShardGradient& b) {
    return a.gradients[0].equal(b.gradients[0]);
  };
  EXPECT_TRUE(same(gradient({}), gradient(0.25)));
  EXPECT_FALSE(same(gradient({}), gradient(0.5)));
  EXPECT_FALSE(same(gradient({}), gradient(0)));
  dropout.rate = 1;
  Network broken({3, 4, 4});
  broken.Add("fc", BlankProduct(48, 3), {broken.Add("drop", dropout, {0})});
  broken.SetOutputs({"fc"});
  ExpectError([&] { Trainee(broken, {}); }, {"layer drop", "[0, 1)", "1"});
}

TEST(Trainee, DoesNotTrainPreprocessing) {
  Network network({3, 4, 4});
  const Affine affine(at::ones({3}) * 0.5, at::ones({3}));
  network.Add("fc", BlankProduct(48, 3), {network.Add("centred", affine, {0})});
  network.SetOutputs({"fc"});
  const Trainee trainee(network, {});
  EXPECT_EQ(trainee.State().size(), 4u);  // weight and bias of fc, and their momentum
  EXPECT_TRUE(trainee.Folded().tensors.at("centred.scale").equal(affine.scale));
}

TEST(Trainee, ShardsAddUpToTheBatchWhereNothingIsNormalised) {
  const Trainee trainee(Plain(true), {false, 0.5, 0, 3});
  Disturb(trainee);
  const at::Tensor input = Input(4, 3), targets = Targets(4);
  const ShardGradient whole = trainee.Differentiate(input, targets, 4, 7, 0);
  const ShardGradient first =
      trainee.Differentiate(input.narrow(0, 0, 3), targets.narrow(0, 0, 3), 4, 7, 0);
  const ShardGradient second =
      trainee.Differentiate(input.narrow(0, 3, 1), targets.narrow(0, 3, 1), 4, 7, 3);
  EXPECT_NEAR(whole.loss, first.loss + second.loss, 1e-4);
  EXPECT_EQ(whole.right, first.right + second.right);
  for (size_t i = 0; i < whole.gradients.size(); ++i) {
    EXPECT_TRUE(
        at::allclose(whole.gradients[i], first.gradients[i] + second.gradients[i], 1e-3, 1e-5))
        << i;
  }
}

TEST(Trainee, StatisticsAreThoseOfTheShard) {
  const Trainee trainee(Plain(), {});
  Disturb(trainee);
  const at::Tensor input = Input(2, 6);
  const ShardGradient shard = trainee.Differentiate(input, Targets(2), 1, 0, 0);
  const at::Tensor output = at::conv2d(input, trainee.State().at("conv1.weight"), {}, {4, 4});
  ASSERT_EQ(shard.means.size(), 5u);
  EXPECT_TRUE(at::allclose(shard.means[0], output.mean({0, 2, 3}), 1e-3, 1e-4));
  EXPECT_TRUE(at::allclose(shard.variances[0], output.var({0, 2, 3}, true), 1e-3, 1e-4));
}

TEST(Trainee, DescendsWithMomentumAndDecay) {
  Workers workers(2);
  Trainee trainee(Plain(), {true, 0, 0, 3});
  Disturb(trainee);
  const at::Tensor input = Input(2, 4), targets = Targets(2);
  std::map<std::string, at::Tensor> expected, velocity;
  for (const auto& [name, tensor] : trainee.State()) expected[name] = tensor.clone();
  for (int step = 0; step < 2; ++step) {
    const ShardGradient a = trainee.Differentiate(input, targets, 2, step, 0);
    const ShardGradient b = trainee.Differentiate(input, targets, 2, step, 2);
    // conv1: weight, scale, shift; conv2..conv5 likewise; fc6: weight, bias; fc7: weight.
    const size_t kShift = 2, kWeight = 17;
    const at::Tensor decayed =
        a.gradients[kWeight] + b.gradients[kWeight] + 0.01 * expected["fc7.weight"];
    at::Tensor& v = velocity["fc7.weight"];
    v = step == 0 ? decayed : 0.9 * v + decayed;
    expected["fc7.weight"] = expected["fc7.weight"] - 0.1 * v;
    at::Tensor& u = velocity["conv1.norm.shift"];
    const at::Tensor plain = a.gradients[kShift] + b.gradients[kShift];
    u = step == 0 ? plain : 0.9 * u + plain;
    expected["conv1.norm.shift"] = expected["conv1.norm.shift"] - 0.1 * u;
    for (const ShardGradient* shard : {&a, &b}) {
      expected["conv3.norm.mean"] = 0.9 * expected["conv3.norm.mean"] + 0.1 * shard->means[2];
      expected["conv3.norm.variance"] =
          0.9 * expected["conv3.norm.variance"] + 0.1 * shard->variances[2];
    }
    trainee.Update({a, b}, {0.1, 0.9, 0.01}, workers);
  }
  for (const char* name :
       {"fc7.weight", "conv1.norm.shift", "conv3.norm.mean", "conv3.norm.variance"}) {
    EXPECT_TRUE(at::allclose(trainee.State().at(name), expected[name], 1e-4, 1e-6)) << name;
  }
}

// Every layer by LibTorch's own functions, normalised by the running statistics.
at::Tensor EvaluateUnfolded(const Trainee& trainee, at::Tensor x) {
  const std::map<std::string, at::Tensor> state = trainee.State();
  const int strides[] = {4, 1, 1, 1, 1}, paddings[] = {0, 2, 1, 1, 1}, groups[] = {1, 2, 1, 2, 2};
  for (int i = 0; i < 5; ++i) {
    const std::string name = "conv" + std::to_string(i + 1);
    x = at::conv2d(x, state.at(name + ".weight"), {}, {strides[i], strides[i]},
                   {paddings[i], paddings[i]}, {1, 1}, groups[i]);
    x = at::batch_norm(x, state.at(name + ".norm.scale"), state.at(name + ".norm.shift"),
                       state.at(name + ".norm.mean"), state.at(name + ".norm.variance"), false, 0,
                       Trainee::kEpsilon, false);
    x = at::relu(x);
    if (i == 0 || i == 1 || i == 4) x = at::max_pool2d(x, {3, 3}, {2, 2});
  }
  x = x.flatten(1);
  for (const char* name : {"fc6", "fc7", "fc8"}) {
    x = at::linear(x, state.at(std::string(name) + ".weight"),
                   state.at(std::string(name) + ".bias"));
    if (std::string(name) != "fc8") x = at::relu(x);
  }
  return at::softmax(x, 1);
}

TEST(Trainee, FoldedItIsTheNetworkNormalisedByRunningStatistics) {
  const Trainee trainee(Plain(), {});
  Disturb(trainee);
  AlexNetOptions architecture = TinyArchitecture();
  architecture.classes = 3;
  const Network folded = LoadAlexNet(architecture, trainee.Folded(), "folded");
  const at::Tensor input = Input(3, 5).contiguous();
  const at::Tensor scores = folded.Forward(input, {folded.size() - 1})[0].flatten(1);
  const at::Tensor expected = EvaluateUnfolded(trainee, input);
  EXPECT_GT((expected[0] - expected[1]).abs().max().item<double>(), 1e-4);
  EXPECT_TRUE(at::allclose(scores, expected, 1e-4, 1e-5)) << scores << expected;
}

// Layer by layer, with LibTorch's normalisation by the running statistics where there are some.
at::Tensor EvaluateNormalised(const Trainee& trainee, const at::Tensor& input) {
  const std::map<std::string, at::Tensor> state = trainee.State();
  std::vector<at::Tensor> outputs = {input};
  for (int i = 1; i < trainee.network().size(); ++i) {
    const Layer& layer = trainee.network().layer(i);
    std::vector<at::Tensor> inputs;
    for (const int from : layer.inputs) inputs.push_back(outputs[static_cast<size_t>(from)]);
    const bool normalised = state.count(layer.name + ".norm.mean") != 0;
    at::Tensor output = inputs[0];
    if (!normalised || !layer.kind.Is<Affine>()) {
      output = MapWeights(layer.kind, [&](const std::string& name, const at::Tensor& weight) {
                 if (normalised && name == "bias") return at::zeros_like(weight);
                 return state.at(layer.name + "." + name);
               })->Evaluate(inputs, layer.shape);
    }
    if (normalised) {
      const auto of = [&](const char* name) { return state.at(layer.name + ".norm." + name); };
      output = at::batch_norm(output, of("scale"), of("shift"), of("mean"), of("variance"), false,
                              0, Trainee::kEpsilon, false);
    }
    outputs.push_back(output);
  }
  return outputs.back().flatten(1);
}

TEST(Trainee, FoldsEveryKindOfLayer) {
  for (const bool batch_norm : {false, true}) {
    const Trainee trainee(StartOf(NetworkOfEveryKind(), {3, batch_norm, 2}),
                          {batch_norm, {}, 0, 3});
    Disturb(trainee);
    const Network folded = NetworkFrom(ToJson(trainee.network()), trainee.Folded(), "folded");
    const at::Tensor input = Input(3, 5, 12).contiguous();
    const at::Tensor scores =
        folded.Forward(input, std::vector<int>{folded.size() - 1})[0].flatten(1);
    const at::Tensor expected = EvaluateNormalised(trainee, input);
    EXPECT_GT((expected[0] - expected[1]).abs().max().item<double>(), 1e-4);
    EXPECT_TRUE(at::allclose(scores, expected, 1e-4, 1e-5)) << scores << expected;
  }
}

TEST(Trainee, RestoresOnlyWhatFits) {
  const Trainee source(Plain(), {});
  Disturb(source);
  Trainee target(Plain(), {});
  SafeTensors state = {source.State(), {}};
  target.Restore(state, "file");
  EXPECT_TRUE(SameWeights({target.State(), {}}, state));
  const auto with = [&](const char* name, double value) {
    SafeTensors other = state;
    other.tensors[name] = state.tensors.at(name).clone();
    other.tensors[name][2] = value;
    return other;
  };
  ExpectError([&] { target.Restore(with("fc7.bias", NAN), "file"); },
              {"file", "fc7.bias", "finite numbers"});
  ExpectError([&] { target.Restore(with("conv2.norm.variance", -0.5), "file"); },
              {"file", "conv2.norm.variance", "numbers from 0"});
  state.tensors["fc7.bias"] = at::zeros({17});
  ExpectError([&] { target.Restore(state, "file"); }, {"file", "fc7.bias", "16", "17"});
  state.tensors.erase("fc7.bias");
  ExpectError([&] { target.Restore(state, "file"); }, {"file", "fc7.bias", "none"});
}

}  // namespace
}  // namespace netdissect
