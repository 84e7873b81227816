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
/// are relative to the descriptor. "input" says how a picture comes to the network
/// (data/preprocess.h):
///   "size"           pixels, or [height, width];
///   "order"          "BGR" (default), "RGB", or "gray" for a network of one channel;
///   "mean"           a number for each channel in that order, 0..255, or one for all (0); or a
///   mean
///                    image (.binaryproto);
///   "scale"          after the mean: a number for each channel, or one for all (1);
///   "resize"         "squash" (default), "crop" or "letterbox";
///   "side"           crop: pixels of the shorter side before the centre is taken, the input's
///   longer
///                    side where it is not said; squash: of both sides before it, none where it is
///                    not;
///   "interpolation"  "bilinear" (default), "bicubic", "nearest" or "area";
///   "antialias"      true or false (default), of bilinear and bicubic;
///   "fill"           a number for each channel in the network's order, 0..255, or one for all (0):
///   of
///                    letterbox bars, and of what a crop of a side below the size does not reach.
/// Results say the same under netdissect.network.input, and another preprocessing is another
/// network: nothing that was computed with one is used with the other. "training" may record how
/// the network was made, and "about" say whatever people should know, which errors about missing
/// files repeat. A key that is not known is an error, as is a file that is a network itself; its
/// message has a descriptor to start from.
Model LoadModel(const Path& descriptor);

}  // namespace netdissect
