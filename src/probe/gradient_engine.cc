#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "netdissect/probe/gradient.h"
#include "nn/summary.h"

namespace netdissect {
namespace {

class GradientEngine : public OcclusionEngine {
 public:
  GradientEngine(const Network& network, const OccluderSet& occluders) : network_(network) {
    const Shape& input = network.input();
    if (occluders.patch() != 1 || occluders.stride() != 1 || occluders.rows() != input.height ||
        occluders.columns() != input.width) {
      Fail("gradient: expected {} x {} occluders of 1 pixel, found {} x {} of {}", input.height,
           input.width, occluders.rows(), occluders.columns(), occluders.patch());
    }
    for (const Layer& layer : network.layers()) {
      ForEachWeight(layer.kind, [&](const std::string& name, const at::Tensor& weight) {
        if (!weight.is_inference()) return;
        Fail(
            "gradient: layer {}: expected a {} made outside of inference mode, found one that no "
            "gradient passes",
            layer.name, name);
      });
    }
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    // In inference mode, where callers may be, nothing can be differentiated, and no tensor that
    // was made there: hence a copy.
    const c10::InferenceMode off(false);
    at::Tensor input = image.to(network_.device()).unsqueeze(0).clone();
    input.requires_grad_(true);
    std::vector<int> layers;  // each once
    for (const UnitPosition& unit : units) layers.push_back(unit.layer);
    std::sort(layers.begin(), layers.end());
    layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
    const std::vector<at::Tensor> outputs = network_.Forward(input, layers);
    work_.macs += MacsOf(layers);
    std::vector<OcclusionResponse> responses;
    for (const UnitPosition& unit : units) {
      const auto place = std::lower_bound(layers.begin(), layers.end(), unit.layer);
      const at::Tensor& output = outputs[static_cast<size_t>(place - layers.begin())];
      responses.push_back(Differentiate(input, output[0][unit.unit][unit.y][unit.x], unit));
      work_.macs += MacsOf({unit.layer});  // a backward pass to the input has as many
      ++work_.pairs;
    }
    return responses;
  }

 private:
  OcclusionResponse Differentiate(at::Tensor& input, const at::Tensor& value,
                                  const UnitPosition& unit) const {
    const std::string& layer = network_.layer(unit.layer).name;
    if (value.requires_grad()) {
      const at::Tensor inputs[] = {input};
      value.backward({}, /*retain_graph=*/true, /*create_graph=*/false, at::TensorList(inputs));
    }
    if (!input.grad().defined()) {
      Fail("layer {}: expected units that depend on the input by a gradient, found none", layer);
    }
    const at::Tensor gradient = input.grad()[0].abs().mean(0).to(at::kCPU);
    input.mutable_grad().reset();  // or the next would be added
    if (!gradient.isfinite().all().item<bool>()) {
      Fail("layer {}, unit {} at ({}, {}): expected a finite gradient, found inf or nan", layer,
           unit.unit, unit.y, unit.x);
    }
    return {value.item<float>(), gradient.neg()};
  }

  int64_t MacsOf(const std::vector<int>& layers) const {
    int64_t macs = 0;
    for (int layer : network_.Needed(layers)) macs += MultiplyAdds(network_, layer);
    return macs;
  }

  const Network& network_;
};

}  // namespace

OcclusionOptions EachPixel() {
  OcclusionOptions options;
  options.patch = options.stride = 1;
  options.fill = Fill::kMean;
  return options;
}

std::unique_ptr<OcclusionEngine> MakeGradientEngine(const Network& network,
                                                    const OccluderSet& occluders) {
  return std::make_unique<GradientEngine>(network, occluders);
}

}  // namespace netdissect
