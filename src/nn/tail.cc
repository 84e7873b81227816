#include "nn/tail.h"

namespace netdissect {

std::optional<Network> TailAbove(const Network& network, int cut, int wanted) {
  if (wanted <= cut) return std::nullopt;
  Network tail(network.layer(cut).shape, network.layer(cut).name);
  tail.To(network.device());
  tail.ComputeAs(network);
  std::vector<int> in_tail(static_cast<size_t>(network.size()), -1);  // index of each layer
  in_tail[static_cast<size_t>(cut)] = 0;
  for (int index : network.Needed({wanted})) {
    if (index <= cut) continue;
    std::vector<int> inputs;
    for (int input : network.layer(index).inputs) {
      inputs.push_back(in_tail[static_cast<size_t>(input)]);
      if (inputs.back() < 0) return std::nullopt;
    }
    const Layer& layer = network.layer(index);
    in_tail[static_cast<size_t>(index)] = tail.Add(layer.name, layer.kind, inputs);
  }
  return tail;
}

}  // namespace netdissect
