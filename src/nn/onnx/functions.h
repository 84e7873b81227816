#pragma once
// Functions of an ONNX model: operators that the file itself defines by others, as
// torch.onnx.dynamo writes them.

#include <vector>

#include "netdissect/base/file.h"
#include "nn/onnx/proto.h"

namespace netdissect {

/// The graph's operators in order, each call of a function replaced by what it is made of. Tensors
/// inside a call bear its name and theirs. Error where functions call each other in a circle.
std::vector<onnx::NodeProto> NodesOf(const Path& file, const onnx::ModelProto& model);

}  // namespace netdissect
