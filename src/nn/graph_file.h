#pragma once
// A network's graph as JSON, to be stored beside its weights:
//
//   {"input": {"name", "units", "height", "width"},
//    "layers": [{"name", "kind", "inputs": [names], the kind's own parameters,
//                "weights": ["weight", "bias"]}],
//    "names": {name: layer}, for names that are not the layers' own,
//    "outputs": [names]}
//
// A weight is called by its layer's name and its own: "conv1.weight".

#include <string>

#include "base/json.h"
#include "netdissect/nn/network.h"
#include "nn/safetensors.h"

namespace netdissect {

Json ToJson(const Network& network);

/// The weights of all layers by their names in a file.
SafeTensors WeightsOf(const Network& network);

/// The network that ToJson and WeightsOf were asked about, with the same digest. Error, naming
/// `file`, where the graph is malformed, a tensor is missing or left over, or a layer's parameters
/// and weights do not fit.
Network NetworkFrom(const Json& graph, const SafeTensors& weights, const Path& file);

}  // namespace netdissect
