#pragma once
// Tensors of an ONNX file.

#include <ATen/core/Tensor.h>

#include "netdissect/base/file.h"
#include "nn/onnx_proto.h"

namespace netdissect {

/// float32 from all floating types, int64 from integers and booleans. Data may be typed, raw, or in
/// a file beside the model. Error names file and tensor: sizes that do not agree, unknown types,
/// NaN.
at::Tensor DecodeOnnxTensor(const Path& model, const onnx::TensorProto& tensor);

}  // namespace netdissect
