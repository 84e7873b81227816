#pragma once
// A network descriptor (JSON): weights, preprocessing and class names of one network.

#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/base/public.h"
#include "netdissect/data/preprocess.h"
#include "netdissect/nn/network.h"

namespace netdissect NETDISSECT_PUBLIC {

struct Model {
  std::string name;
  Network network;
  InputFormat input;
  std::vector<std::string> classes;  // names; may be empty
  std::string digest;                // of network and preprocessing
};

/// Formats: caffe ("graph", "weights"), onnx ("weights"), torchscript ("weights": what
/// torch.jit.trace(model, x).save(...) writes), safetensors ("weights", and "graph" (see
/// nn/graph_file.h) or "architecture", "width", "fc", "classes", "norm"), random (these and
/// "seed"). "output" is the layer of class scores where it is not the one that the file says. Paths
/// are relative to the descriptor. "training" may record how the network was made, and "about" say
/// whatever people should know, which errors about missing files repeat. A key that is not known is
/// an error, as is a file that is a network itself; its message has a descriptor to start from.
Model LoadModel(const Path& descriptor);

}  // namespace netdissect
