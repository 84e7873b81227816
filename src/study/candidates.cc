#include "study/candidates.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/sub.h>

#include <optional>

#include "nn/kinds/convolution.h"
#include "nn/tail.h"

namespace netdissect {
namespace {

// Each candidate whole.
class FullScorer : public CandidateScorer {
 public:
  FullScorer(const Model& model, const at::Tensor& values, const at::Tensor& bases)
      : model_(model), present_(values.clone()), bases_(bases) {}

  at::Tensor Score(const std::vector<int>& segments) override {
    std::vector<at::Tensor> images;
    for (int segment : segments) images.push_back(present_ - bases_[segment]);
    return model_.network.Forward(Normalize(at::stack(images), model_.input),
                                  {LogitLayer(model_.network)})[0];
  }

  void Remove(int segment) override { present_ -= bases_[segment]; }

 private:
  const Model& model_;
  at::Tensor present_;
  const at::Tensor& bases_;
};

// From the first convolution's responses to the bases.
class LinearScorer : public CandidateScorer {
 public:
  LinearScorer(const Model& model, const Layer& convolution, Network tail, const at::Tensor& values,
               const at::Tensor& bases)
      : tail_(std::move(tail)) {
    const at::Device& device = model.network.device();
    present_ = Evaluate(convolution, {Normalize(values, model.input).unsqueeze(0).to(device)})[0];
    // Of a basis neither the mean nor the bias is taken.
    InputFormat scaling = model.input;
    scaling.mean = {0, 0, 0};
    scaling.mean_image = at::Tensor();
    Convolution without_bias = *convolution.kind.As<Convolution>();
    without_bias.bias = at::Tensor();
    const Layer linear{convolution.name, without_bias, convolution.inputs, convolution.shape};
    const int64_t segments = bases.size(0);
    responses_ = at::empty({segments, linear.shape.units, linear.shape.height, linear.shape.width},
                           present_.options());
    constexpr int64_t kBatch = 16;
    for (int64_t first = 0; first < segments; first += kBatch) {
      const int64_t count = std::min(kBatch, segments - first);
      const at::Tensor input = Normalize(bases.narrow(0, first, count), scaling).to(device);
      responses_.narrow(0, first, count).copy_(Evaluate(linear, {input}));
    }
  }

  at::Tensor Score(const std::vector<int>& segments) override {
    at::Tensor batch = at::empty({static_cast<int64_t>(segments.size()), present_.size(0),
                                  present_.size(1), present_.size(2)},
                                 present_.options());
    for (size_t i = 0; i < segments.size(); ++i) {
      at::Tensor candidate = batch[static_cast<int64_t>(i)];
      at::sub_out(candidate, present_, responses_[segments[i]]);
    }
    return tail_.Forward(batch, {tail_.size() - 1})[0];
  }

  void Remove(int segment) override { present_ -= responses_[segment]; }

 private:
  Network tail_;
  at::Tensor present_;    // (units, height, width): the first convolution's output
  at::Tensor responses_;  // (S, units, height, width)
};

// The convolution that alone reads the input, if it is one.
std::optional<int> FirstConvolution(const Network& network, int wanted) {
  std::optional<int> first;
  for (int index : network.Needed({wanted})) {
    for (int input : network.layer(index).inputs) {
      if (input != 0) continue;
      if (first || !network.layer(index).kind.Is<Convolution>()) return {};
      first = index;
    }
  }
  return first;
}

}  // namespace

std::unique_ptr<CandidateScorer> MakeCandidateScorer(const Model& model, const at::Tensor& values,
                                                     const at::Tensor& bases,
                                                     const MinimalImageOptions& options) {
  const int scores = LogitLayer(model.network);
  if (const std::optional<int> first = FirstConvolution(model.network, scores);
      first && options.share_first_convolution) {
    const Layer& convolution = model.network.layer(*first);
    const Shape& shape = convolution.shape;
    const int64_t bytes = int64_t{4} * bases.size(0) * shape.units * shape.height * shape.width;
    std::optional<Network> tail = TailAbove(model.network, *first, scores);
    if (tail && bytes <= options.memory) {
      return std::make_unique<LinearScorer>(model, convolution, std::move(*tail), values, bases);
    }
  }
  return std::make_unique<FullScorer>(model, values, bases);
}

}  // namespace netdissect
