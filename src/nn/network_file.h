#pragma once

#include "netdissect/base/file.h"

namespace netdissect {

/// Error where `path` is a network's own file (ONNX, Caffe, safetensors, PyTorch) instead of a
/// descriptor: it says what the file is, and has a descriptor to start from.
void RequireDescriptor(const Path& path);

}  // namespace netdissect
