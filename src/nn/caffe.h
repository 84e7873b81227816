#pragma once
// Caffe's files: a graph (prototxt, text) and its weights (caffemodel, binary), in the layer format
// of 2015 and in V1, that of the 2013-2015 model zoo.

#include <optional>

#include "netdissect/base/file.h"
#include "netdissect/nn/network.h"

namespace netdissect {

/// Layers for the training phase only, data, loss and accuracy layers are left out. `input_size`
/// (3, H, W), where given, replaces the prototxt's. Errors name the file, the layer, what was
/// expected and what was found: an unknown layer type, an attribute that is not supported, weights
/// of another shape.
Network ReadCaffe(const Path& prototxt, const Path& caffemodel,
                  const std::optional<Shape>& input_size = std::nullopt);

}  // namespace netdissect
