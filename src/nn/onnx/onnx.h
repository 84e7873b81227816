#pragma once
// ONNX models of convolutional networks.

#include <optional>

#include "netdissect/base/file.h"
#include "netdissect/nn/network.h"

namespace netdissect {

/// Every tensor is addressable by its name, and by its node's where nothing else bears it. Errors
/// name the file, the operator, its node and the attribute that is not supported.
Network ReadOnnx(const Path& path, const std::optional<Shape>& input_size = std::nullopt);

}  // namespace netdissect
