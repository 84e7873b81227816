#pragma once
// A network in float64, layer by layer: what rounding in float32 is measured by.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "netdissect/nn/network.h"
#include "nn/kinds/kind.h"

namespace netdissect {

/// `visit(index, output)` for each layer that the wanted ones need, from below to above, for inputs
/// (N, C, H, W). An output is dropped when nobody reads it any more.
template <typename Visit>
void VisitInDouble(const Network& network, const at::Tensor& input, const std::vector<int>& wanted,
                   const Visit& visit) {
  const std::vector<int> needed = network.Needed(wanted);
  std::vector<int> readers(static_cast<size_t>(network.size()), 0);
  for (const int index : needed) {
    for (const int source : network.layer(index).inputs) ++readers[static_cast<size_t>(source)];
  }
  std::vector<at::Tensor> outputs(readers.size());
  for (const int index : needed) {
    const Layer& layer = network.layer(index);
    at::Tensor& output = outputs[static_cast<size_t>(index)];
    if (index == 0) {
      output = input.to(at::kDouble);
    } else {
      const AnyKind kind = MapWeights(
          layer.kind, [](const std::string&, const at::Tensor& w) { return w.to(at::kDouble); });
      std::vector<at::Tensor> inputs;
      for (const int source : layer.inputs) inputs.push_back(outputs[static_cast<size_t>(source)]);
      output = kind->Evaluate(std::move(inputs), layer.shape);
      for (const int source : layer.inputs) {
        if (--readers[static_cast<size_t>(source)] == 0)
          outputs[static_cast<size_t>(source)].reset();
      }
    }
    visit(index, output);
  }
}

}  // namespace netdissect
