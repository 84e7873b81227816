#include "netdissect/nn/summary.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace netdissect {

int64_t MultiplyAdds(const Network& network, int index) {
  const Layer& layer = network.layer(index);
  const int64_t positions = int64_t{layer.shape.height} * layer.shape.width;
  if (const auto* c = std::get_if<Convolution>(&layer.kind)) return positions * c->weight.numel();
  if (const auto* p = std::get_if<InnerProduct>(&layer.kind)) return p->weight.numel();
  return 0;
}

std::vector<LayerSummary> Summarize(const Network& network) {
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  std::vector<LayerSummary> rows;
  for (int i = 0; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    LayerSummary row{layer.name, KindName(layer.kind), layer.shape, fields[static_cast<size_t>(i)]};
    const auto count = [&](const at::Tensor& weight) {
      if (weight.defined()) row.parameters += weight.numel();
    };
    if (const auto* c = std::get_if<Convolution>(&layer.kind)) count(c->weight), count(c->bias);
    if (const auto* p = std::get_if<InnerProduct>(&layer.kind)) count(p->weight), count(p->bias);
    if (const auto* r = std::get_if<Relu>(&layer.kind)) count(r->slopes);
    if (const auto* a = std::get_if<Affine>(&layer.kind)) count(a->scale), count(a->shift);
    row.macs = MultiplyAdds(network, i);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace netdissect
