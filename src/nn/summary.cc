#include "nn/summary.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "nn/kinds/kind.h"

namespace netdissect {

int64_t MultiplyAdds(const Network& network, int index) {
  const Layer& layer = network.layer(index);
  return layer.kind->MultiplyAdds(layer.shape.units,
                                  int64_t{layer.shape.height} * layer.shape.width);
}

std::vector<LayerSummary> Summarize(const Network& network) {
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  std::vector<LayerSummary> rows;
  for (int i = 0; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    LayerSummary row{layer.name, KindName(layer.kind), layer.shape, fields[static_cast<size_t>(i)]};
    ForEachWeight(layer.kind, [&](const std::string&, const at::Tensor& weight) {
      row.parameters += weight.numel();
    });
    row.macs = MultiplyAdds(network, i);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace netdissect
