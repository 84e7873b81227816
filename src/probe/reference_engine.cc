// Occlusion by full forward passes.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include "netdissect/base/error.h"
#include "netdissect/probe/occlusion.h"
#include "nn/summary.h"

namespace netdissect {
namespace {

class ReferenceEngine : public OcclusionEngine {
 public:
  ReferenceEngine(const Network& network, const OccluderSet& occluders,
                  const ReferenceEngineOptions& options)
      : network_(network),
        occluders_(occluders),
        options_(options),
        fields_(TheoreticalFields(network)) {
    options.Validate();
    network_.SetForward(ForwardBy::kLibTorch);  // nothing of what is compared with it
  }

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    std::vector<int> layers;  // each once
    std::vector<size_t> slots;
    for (const UnitPosition& unit : units) {
      const auto found = std::find(layers.begin(), layers.end(), unit.layer);
      slots.push_back(static_cast<size_t>(found - layers.begin()));
      if (found == layers.end()) layers.push_back(unit.layer);
    }
    const auto read = [&](const std::vector<at::Tensor>& outputs, size_t u) {
      return outputs[slots[u]].select(1, units[u].unit).select(1, units[u].y).select(1, units[u].x);
    };
    const at::Tensor base = image.to(network_.device()).unsqueeze(0);
    const std::vector<at::Tensor> original = network_.Forward(base, layers);

    const int rows = occluders_.rows(), columns = occluders_.columns();
    std::vector<OcclusionResponse> responses;
    at::Tensor needed = at::zeros({rows, columns}, at::kBool);
    std::vector<at::Tensor> seen;  // occluders that a unit's field meets
    for (size_t u = 0; u < units.size(); ++u) {
      responses.push_back(
          {read(original, u).item<float>(), at::zeros({rows, columns}, at::kFloat)});
      seen.push_back(Seen(units[u]));
      needed.logical_or_(seen.back());
      ++work_.pairs;
      work_.occluders += seen.back().sum().item<int64_t>();
    }
    if (options_.everywhere) needed.fill_(true);

    int64_t macs = 0;
    for (int layer : network_.Needed(layers)) macs += MultiplyAdds(network_, layer);
    const at::Tensor list = needed.flatten().nonzero().flatten();
    const at::Tensor patches = occluders_.patches().to(network_.device());
    for (int64_t begin = 0; begin < list.size(0); begin += options_.batch) {
      const int64_t count = std::min<int64_t>(options_.batch, list.size(0) - begin);
      at::Tensor batch = base.repeat({count, 1, 1, 1});
      const int patch = occluders_.patch(), stride = occluders_.stride();
      for (int64_t i = 0; i < count; ++i) {
        const int64_t occluder = list[begin + i].item<int64_t>();
        batch[i]
            .narrow(1, occluder / columns * stride, patch)
            .narrow(2, occluder % columns * stride, patch)
            .copy_(patches[occluder]);
      }
      const std::vector<at::Tensor> outputs = network_.Forward(batch, layers);
      work_.macs += macs * count;
      const at::Tensor chosen = list.narrow(0, begin, count);
      for (size_t u = 0; u < units.size(); ++u) {
        responses[u].change.view({-1}).index_copy_(
            0, chosen, read(outputs, u).to(at::kCPU) - responses[u].original);
      }
    }
    for (size_t u = 0; u < units.size(); ++u) {
      // Rounding in a batch of another size is no change.
      responses[u].change.masked_fill_(seen[u].logical_not(), 0);
    }
    return responses;
  }

 private:
  at::Tensor Seen(const UnitPosition& unit) const {
    const ReceptiveField& field = fields_[static_cast<size_t>(unit.layer)];
    const Interval r = occluders_.Meeting(field.y.At(unit.y), occluders_.rows());
    const Interval c = occluders_.Meeting(field.x.At(unit.x), occluders_.columns());
    at::Tensor seen = at::zeros({occluders_.rows(), occluders_.columns()}, at::kBool);
    if (r.size() > 0 && c.size() > 0) {
      seen.narrow(0, r.start, r.size()).narrow(1, c.start, c.size()).fill_(true);
    }
    return seen;
  }

  Network network_;
  const OccluderSet& occluders_;
  ReferenceEngineOptions options_;
  std::vector<ReceptiveField> fields_;
};

}  // namespace

void ReferenceEngineOptions::Validate() const {
  if (batch < 1) Fail("occlusion: expected a batch of at least 1, found {}", batch);
}

std::unique_ptr<OcclusionEngine> MakeReferenceEngine(const Network& network,
                                                     const OccluderSet& occluders,
                                                     const ReferenceEngineOptions& options) {
  return std::make_unique<ReferenceEngine>(network, occluders, options);
}

}  // namespace netdissect
