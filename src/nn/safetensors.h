#pragma once
// The safetensors format: an 8-byte little-endian header length, a JSON header {name: {dtype,
// shape, data_offsets}}, the tensors' bytes.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "netdissect/base/file.h"

namespace netdissect {

struct SafeTensors {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;  // the header's "__metadata__"
};

/// Tensors as float32 (from F64, F32, F16, BF16). Errors name file and tensor: header or offsets
/// beyond the file, overlapping or mismatched sizes, unknown types.
SafeTensors ReadSafeTensors(const Path& path);

/// Atomically; each tensor in its own type (float32, float16 or bfloat16).
void WriteSafeTensors(const Path& path, const SafeTensors& tensors);

}  // namespace netdissect
