#pragma once

#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

/// What a network's file says, for people, and a descriptor to start from.
struct Description {
  std::string descriptor;            // JSON, to be saved beside the file
  std::vector<std::string> found;    // what the file says: its input, layers, class scores
  std::vector<std::string> missing;  // what only those know who trained the network
};

/// Of an ONNX, Caffe (graph or weights), TorchScript or safetensors file. Where the file leaves its
/// input's size free it is read with `size` pixels a side. Error where it is no network's file, or
/// its graph cannot be read at all.
Description DescribeNetworkFile(const Path& file, int size);

}  // namespace netdissect
