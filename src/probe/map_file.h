#pragma once
// Feature maps that another program computed, read from its files.

#include <ATen/core/Tensor.h>

#include "netdissect/base/file.h"
#include "netdissect/nn/layer.h"

namespace netdissect {

/// The (H, W) float32 map of `unit` of a layer of this shape. A .npy file (float32) holds one map
/// (H, W) or those of all units (C, H, W), of which `unit` is taken; any other file is text: a row
/// of the map a line, its values separated by commas, semicolons or white space. Error, naming what
/// was expected and found, where the size differs, a value is no finite number, or `unit` is needed
/// and negative.
at::Tensor ReadMapFile(const Path& path, const Shape& shape, int unit);

}  // namespace netdissect
