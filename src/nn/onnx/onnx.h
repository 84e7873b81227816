#pragma once
// ONNX models of convolutional networks.

#include <optional>

#include "netdissect/base/file.h"
#include "netdissect/nn/network.h"

namespace netdissect {

/// The image that the file declares.
struct OnnxInput {
  Shape shape;                 // 0 where it is free
  bool channels_last = false;  // (N, H, W, C)
};
OnnxInput ReadOnnxInput(const Path& path);

/// Every tensor is addressable by its name, and by its node's where nothing else bears it. Errors
/// name the file, the operator, its node and the attribute. What is no kind of layer is left out,
/// with what stands on it (Network::unread), unless nothing else is there.
Network ReadOnnx(const Path& path, const std::optional<Shape>& input_size = std::nullopt);

}  // namespace netdissect
