#pragma once
// Tensors of an ONNX file.

#include <ATen/core/Tensor.h>

#include <string>

#include "netdissect/base/file.h"
#include "nn/onnx/proto.h"

namespace netdissect {

/// float32 from all floating types, int64 from integers and booleans. Data may be typed, raw, or in
/// a file beside the model. Error names the tensor: sizes that do not agree, NaN; NotSupported
/// where its numbers are of another type.
at::Tensor DecodeOnnxTensor(const Path& model, const onnx::TensorProto& tensor);

/// "FLOAT16"
std::string OnnxTypeName(int64_t type);

}  // namespace netdissect
