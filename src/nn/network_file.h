#pragma once
// Files that networks come in, told apart, and descriptors to start from.

#include <string>

#include "netdissect/base/file.h"
#include "netdissect/nn/network.h"

namespace netdissect {

enum class NetworkFile { kOther, kOnnx, kCaffeGraph, kCaffeWeights, kSafeTensors, kTorchScript };

/// By the name's ending; files of other names by how they begin.
NetworkFile KindOfFile(const Path& path);

/// "an ONNX model"
const char* NameOfFile(NetworkFile kind);

/// A file of the same name with another ending, as a descriptor beside it names it.
std::string Beside(const Path& path, const char* extension);

/// A descriptor for the file, to be saved beside it, with an input of this shape (0: as is usual
/// for the format) and the numbers that the format's networks were mostly trained with. `output` is
/// the layer of class scores where the file does not say it, or "".
std::string DescriptorFor(NetworkFile kind, const Path& path, const Shape& input,
                          const std::string& output);

/// Error where `path` is a network's own file (ONNX, Caffe, safetensors, PyTorch) instead of a
/// descriptor: it says what the file is, and has a descriptor to start from.
void RequireDescriptor(const Path& path);

}  // namespace netdissect
