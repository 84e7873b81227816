#include "train/start.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros.h>

#include "netdissect/base/error.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/random_weight.h"

namespace netdissect {
namespace {

bool IsClassifier(const AnyKind& kind) { return kind.Is<InnerProduct>() || kind.Is<Convolution>(); }

// Kinds whose output has a unit for each of their input's, whatever the number of these.
bool KeepsUnits(const AnyKind& kind, const Shape& input) {
  if (kind.Is<Flatten>()) return input.height == 1 && input.width == 1;
  if (const auto* relu = kind.As<Relu>()) return !relu->slopes.defined();
  return kind.Is<Dropout>() || kind.Is<GlobalAveragePooling>() || kind.Is<GlobalMaxPooling>() ||
         kind.Is<LocalResponseNorm>() || kind.Is<Pooling>();
}

bool IsLinear(const AnyKind& kind) {
  const auto* pooling = kind.As<Pooling>();
  return kind.Is<Flatten>() || kind.Is<Dropout>() || kind.Is<GlobalAveragePooling>() ||
         (pooling != nullptr && pooling->method == Pooling::Method::kAverage);
}

// With another number of units; its weights are still to be made.
AnyKind Resized(const AnyKind& kind, int units) {
  const auto resized = [&](auto classifier) -> AnyKind {
    std::vector<int64_t> shape = classifier.weight.sizes().vec();
    shape[0] = units;
    classifier.units = units;
    classifier.weight = at::zeros(shape);
    if (classifier.bias.defined()) classifier.bias = at::zeros({units});
    return classifier;
  };
  if (const auto* product = kind.As<InnerProduct>()) return resized(*product);
  return resized(*kind.As<Convolution>());
}

AnyKind WithBias(const AnyKind& kind) {
  const auto* found = kind.As<Convolution>();
  if (found == nullptr || found->bias.defined()) return kind;
  Convolution convolution = *found;
  convolution.bias = at::zeros({convolution.units});
  return convolution;
}

}  // namespace

ClassScores FindClassScores(const Network& network) {
  ClassScores scores;
  scores.layer = LogitLayer(network);
  scores.classifier = scores.layer;
  for (;;) {
    const Layer& layer = network.layer(scores.classifier);
    if (IsClassifier(layer.kind)) return scores;
    const bool keeps =
        !layer.inputs.empty() && KeepsUnits(layer.kind, network.layer(layer.inputs.front()).shape);
    if (!keeps) {
      Fail("layer {}: expected class scores from a convolution or inner product, found {}",
           layer.name, KindName(layer.kind));
    }
    scores.linear = scores.linear && IsLinear(layer.kind);
    scores.classifier = layer.inputs.front();
  }
}

bool IsPreprocessing(const Network& network, int layer) {
  const Layer& own = network.layer(layer);
  return own.kind.Is<Affine>() && own.inputs.front() == 0;
}

bool IsNormalised(const Network& network, int layer) {
  const AnyKind& kind = network.layer(layer).kind;
  if (kind.Is<Affine>()) return !IsPreprocessing(network, layer);
  if (!kind.Is<Convolution>() || layer == FindClassScores(network).classifier) return false;
  bool used = false, others = false;
  for (const Layer& user : network.layers()) {
    for (const int input : user.inputs) {
      if (input != layer) continue;
      used = true;
      others = others || !user.kind.Is<Affine>();
    }
  }
  return others || !used;
}

Network StartOf(const Network& graph, const StartOptions& options) {
  const int classifier = FindClassScores(graph).classifier;
  const bool linear = FindClassScores(graph).linear;
  Network start(graph.input(), graph.layer(0).name);
  std::vector<int> place(static_cast<size_t>(graph.size()), -1);  // of each layer in `start`
  place[0] = 0;
  uint64_t number = 0;  // of a weight, from 1: those of BuildAlexNet
  for (const int i : graph.Needed({ScoreLayer(graph)})) {
    if (i == 0) continue;
    const Layer& layer = graph.layer(i);
    AnyKind kind = i == classifier ? Resized(layer.kind, options.classes) : layer.kind;
    if (options.batch_norm && IsNormalised(graph, i)) kind = WithBias(kind);
    if (!IsPreprocessing(graph, i)) {
      kind = MapWeights(kind, [&](const std::string& name, const at::Tensor& weight) {
        ++number;
        const bool zero = i == classifier && linear;
        if (name == "weight" && !zero) return RandomWeight(weight.sizes(), options.seed, number);
        if (name == "scale") return at::full_like(weight, 1.0);
        if (name == "slopes") return at::full_like(weight, 0.25);  // He et al. 2015
        return at::full_like(weight, 0.0);
      });
    }
    std::vector<int> inputs;
    for (const int input : layer.inputs) inputs.push_back(place[static_cast<size_t>(input)]);
    place[static_cast<size_t>(i)] = start.Add(layer.name, kind, inputs);
  }
  for (const auto& [name, index] : graph.names()) {
    const int there = place[static_cast<size_t>(index)];
    if (there >= 0) start.Bind(name, there);
  }
  start.SetOutputs({graph.outputs().front()});
  return start;
}

}  // namespace netdissect
