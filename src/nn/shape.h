#pragma once

#include <string>
#include <vector>

#include "netdissect/nn/layer.h"

namespace netdissect {

/// Shape of the output of a layer of `kind` for inputs of `inputs`' shapes. Checks parameters and
/// weights; Error, beginning with the layer's name, says what was expected and what was found.
Shape InferShape(const std::string& name, const LayerKind& kind, const std::vector<Shape>& inputs);

}  // namespace netdissect
