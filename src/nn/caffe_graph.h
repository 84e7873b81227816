#pragma once
// Reading a prototxt: both layer formats as one list of the layers of the testing phase.

#include <string>
#include <vector>

#include "data/caffe.pb.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// One blob that is fed from outside, and its dimensions where the file has them.
struct CaffeInput {
  std::string blob;
  std::vector<int64_t> dims;  // empty where unknown: the output of a data layer
};

struct CaffeGraph {
  Path file;
  std::vector<CaffeInput> inputs;             // the first is the image
  std::vector<caffe::LayerParameter> layers;  // in order, without the sources of `inputs`
  std::vector<std::string> unsupported;       // by layer: why it is no kind of layer, or ""
};

/// `layer "conv1" (Convolution)`
std::string NameOfLayer(const caffe::LayerParameter& layer);

/// Throws an error about a layer: `file: layer "conv1" (Convolution): what`.
[[noreturn]] void FailLayer(const Path& file, const caffe::LayerParameter& layer,
                            const std::string& what);

/// Reads and checks the text. Losses, accuracies and what works on labels for them are left out, so
/// that every layer of the result has its inputs.
CaffeGraph ReadCaffeGraph(const Path& prototxt);

/// The types that are supported, in Caffe's spelling.
const std::vector<std::string>& CaffeLayerTypes();

}  // namespace netdissect
