#include "train/trainee.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "base/random.h"
#include "netdissect/base/error.h"
#include "nn/graph_file.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/kind.h"
#include "train/start.h"

namespace netdissect {
namespace {

constexpr uint64_t kDropout = 0x64726f70;  // keeps these numbers apart from others of the seed

}  // namespace

Trainee::Trainee(const Network& network, const TraineeOptions& options)
    : network_(network), options_(options), scores_(FindClassScores(network).layer) {
  needed_ = network_.Needed({scores_});
  of_layer_.resize(static_cast<size_t>(network.size()));
  for (const int i : needed_) {
    const Layer& layer = network_.layer(i);
    if (const auto* dropout = layer.kind.As<Dropout>()) {
      const double rate = options_.dropout.value_or(dropout->rate);
      if (!(rate >= 0 && rate < 1)) {
        Fail("layer {}: expected a dropout rate in [0, 1), found {}", layer.name, rate);
      }
    }
    if (IsPreprocessing(network_, i)) continue;
    LayerParameters& own = of_layer_[static_cast<size_t>(i)];
    const bool normalised = options_.batch_norm && IsNormalised(network_, i);
    ForEachWeight(layer.kind, [&](const std::string& name, const at::Tensor& weight) {
      const bool is_weight = name == "weight";
      if (normalised && !is_weight) return;  // its normalisation scales and shifts
      own.weights[name] = AddParameter(layer.name + "." + name, weight, is_weight);
    });
    if (!normalised) continue;
    const int units = layer.shape.units;
    const std::string name = layer.name + ".norm";
    own.scale = AddParameter(name + ".scale", at::ones({units}), false);
    own.shift = AddParameter(name + ".shift", at::zeros({units}), false);
    own.norm = static_cast<int>(means_.size());
    norm_names_.push_back(name);
    means_.push_back(at::zeros({units}));
    variances_.push_back(at::ones({units}));
  }
}

int Trainee::AddParameter(const std::string& name, const at::Tensor& value, bool decays) {
  constexpr int64_t kPiece = 1 << 16;
  const at::Tensor own = value.detach().to(at::kCPU, at::kFloat).clone().contiguous();
  parameters_.push_back({name, own, at::zeros_like(own), decays});
  for (int64_t begin = 0; begin < own.numel(); begin += kPiece) {
    pieces_.push_back({parameters_.size() - 1, begin, std::min(begin + kPiece, own.numel())});
  }
  return static_cast<int>(parameters_.size()) - 1;
}

// 0 for what is dropped, else what keeps the mean: (N, C, H, W).
at::Tensor Trainee::Mask(double rate, const Shape& shape, int64_t images, int layer, int64_t step,
                         int64_t place) const {
  at::Tensor mask = at::empty({images, shape.units, shape.height, shape.width}, at::kFloat);
  float* values = mask.data_ptr<float>();
  const int64_t size = mask.numel() / images;
  const auto kept = static_cast<float>(1 / (1 - rate));
  for (int64_t n = 0; n < images; ++n) {
    Random random(options_.seed, kDropout, step, layer, place + n);
    for (int64_t i = 0; i < size; ++i) {
      *values++ = random.Uniform() < rate ? 0 : kept;
    }
  }
  return mask;
}

ShardGradient Trainee::Differentiate(const at::Tensor& input, const at::Tensor& targets,
                                     double divisor, int64_t step, int64_t place) const {
  ShardGradient result;
  // Each shard has variables of its own over the shared values: gradients do not meet.
  std::vector<at::Tensor> variables;
  for (const Parameter& parameter : parameters_) {
    variables.push_back(parameter.value.detach().requires_grad_());
  }
  const auto variable = [&](int index) { return variables[static_cast<size_t>(index)]; };
  std::vector<at::Tensor> outputs(static_cast<size_t>(network_.size()));
  outputs[0] = input;
  for (const int i : needed_) {
    if (i == 0) continue;
    const Layer& layer = network_.layer(i);
    std::vector<at::Tensor> inputs;
    for (const int source : layer.inputs) inputs.push_back(outputs[static_cast<size_t>(source)]);
    at::Tensor& output = outputs[static_cast<size_t>(i)];
    const LayerParameters& own = of_layer_[static_cast<size_t>(i)];
    if (const auto* dropout = layer.kind.As<Dropout>()) {
      const double rate = options_.dropout.value_or(dropout->rate);
      output = rate == 0 ? inputs[0]
                         : inputs[0] * Mask(rate, layer.shape, input.size(0), i, step, place);
      continue;
    }
    if (own.norm >= 0 && layer.kind.Is<Affine>()) {
      output = inputs[0];  // normalised below, which scales and shifts
    } else if (own.weights.empty()) {
      output = layer.kind->Evaluate(inputs, layer.shape);
    } else {
      output = MapWeights(layer.kind, [&](const std::string& name, const at::Tensor&) {
                 const auto found = own.weights.find(name);
                 return found == own.weights.end() ? at::Tensor() : variable(found->second);
               })->Evaluate(inputs, layer.shape);
    }
    if (own.norm < 0) continue;
    const int64_t count = output.numel() / output.size(1);
    auto [normalised, mean, inverse] = at::native_batch_norm(
        output, variable(own.scale), variable(own.shift), {}, {}, true, kTracking, kEpsilon);
    output = normalised;
    // Of the population, from the shard's: n / (n - 1).
    const at::Tensor variance = inverse.detach().pow(-2) - kEpsilon;
    result.means.push_back(mean.detach());
    result.variances.push_back(variance * (static_cast<double>(count) /
                                           static_cast<double>(std::max<int64_t>(1, count - 1))));
  }
  const at::Tensor scores = outputs[static_cast<size_t>(scores_)].flatten(1);
  const at::Tensor loss = at::cross_entropy_loss(scores, targets, {}, at::Reduction::Sum, -100,
                                                 options_.label_smoothing);
  (loss / divisor).backward();
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!variables[i].grad().defined()) {
      Fail("{}: cannot be trained: expected a gradient of the class scores, found none",
           parameters_[i].name);
    }
    result.gradients.push_back(variables[i].grad().contiguous());
  }
  result.loss = loss.item<double>();
  result.right = scores.detach().argmax(1).eq(targets).sum().item<int64_t>();
  result.images = input.size(0);
  return result;
}

void Trainee::UpdatePiece(const Piece& piece, const std::vector<ShardGradient>& shards,
                          const SgdStep& step) {
  Parameter& parameter = parameters_[piece.parameter];
  float* value = parameter.value.data_ptr<float>();
  float* momentum = parameter.momentum.data_ptr<float>();
  std::vector<const float*> gradients;
  for (const ShardGradient& shard : shards) {
    gradients.push_back(shard.gradients[piece.parameter].data_ptr<float>());
  }
  const auto rate = static_cast<float>(step.rate);
  const auto kept = static_cast<float>(step.momentum);
  const auto decay = parameter.decays ? static_cast<float>(step.decay) : 0.0f;
  for (int64_t i = piece.begin; i < piece.end; ++i) {
    momentum[i] = kept * momentum[i] + decay * value[i];
  }
  for (const float* gradient : gradients) {
    for (int64_t i = piece.begin; i < piece.end; ++i) momentum[i] += gradient[i];
  }
  for (int64_t i = piece.begin; i < piece.end; ++i) value[i] -= rate * momentum[i];
}

void Trainee::Update(const std::vector<ShardGradient>& shards, const SgdStep& step,
                     Workers& workers) {
  if (shards.empty()) return;
  workers.Run(static_cast<int64_t>(pieces_.size()), [&](int64_t piece) {
    UpdatePiece(pieces_[static_cast<size_t>(piece)], shards, step);
  });
  for (const ShardGradient& shard : shards) {
    for (size_t i = 0; i < means_.size(); ++i) {
      means_[i].lerp_(shard.means[i], kTracking);
      variances_[i].lerp_(shard.variances[i], kTracking);
    }
  }
}

SafeTensors Trainee::Folded() const {
  SafeTensors folded = WeightsOf(network_);  // of which some are not trained
  for (const int i : needed_) {
    const LayerParameters& own = of_layer_[static_cast<size_t>(i)];
    const std::string& name = network_.layer(i).name;
    const auto value = [&](int index) { return parameters_[static_cast<size_t>(index)].value; };
    for (const auto& [weight, index] : own.weights) {
      folded.tensors[name + "." + weight] = value(index).clone();
    }
    if (own.norm < 0) continue;
    const auto norm = static_cast<size_t>(own.norm);
    const at::Tensor factor = value(own.scale) / (variances_[norm] + kEpsilon).sqrt();
    const at::Tensor shift = value(own.shift) - means_[norm] * factor;
    if (network_.layer(i).kind.Is<Affine>()) {
      folded.tensors[name + ".scale"] = factor;
      folded.tensors[name + ".shift"] = shift;
    } else {
      folded.tensors[name + ".weight"] *= factor.view({-1, 1, 1, 1});
      folded.tensors[name + ".bias"] = shift;
    }
  }
  return folded;
}

std::map<std::string, at::Tensor> Trainee::State() const {
  std::map<std::string, at::Tensor> state;
  for (const Parameter& parameter : parameters_) {
    state[parameter.name] = parameter.value;
    state[parameter.name + ".momentum"] = parameter.momentum;
  }
  for (size_t i = 0; i < means_.size(); ++i) {
    state[norm_names_[i] + ".mean"] = means_[i];
    state[norm_names_[i] + ".variance"] = variances_[i];
  }
  return state;
}

void Trainee::Restore(const SafeTensors& stored, const Path& file) {
  for (auto& [name, tensor] : State()) {
    const auto found = stored.tensors.find(name);
    if (found == stored.tensors.end()) {
      Fail("{}: expected a tensor {}, found none", file.string(), name);
    }
    if (found->second.sizes() != tensor.sizes()) {
      Fail("{}: tensor {}: expected shape {}, found {}", file.string(), name,
           fmt::join(tensor.sizes(), " x "), fmt::join(found->second.sizes(), " x "));
    }
    if (!found->second.isfinite().all().item<bool>()) {
      Fail("{}: tensor {}: expected finite numbers, found others", file.string(), name);
    }
    at::Tensor shared = tensor;
    shared.copy_(found->second);
  }
  for (size_t i = 0; i < variances_.size(); ++i) {
    if (variances_[i].lt(0).any().item<bool>()) {
      Fail("{}: tensor {}.variance: expected numbers from 0, found less", file.string(),
           norm_names_[i]);
    }
  }
}

}  // namespace netdissect
