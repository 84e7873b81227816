#pragma once
// One layer of a prototxt, with its weights, as a kind of layer that a Network holds.

#include <optional>

#include "netdissect/nn/layer.h"
#include "nn/caffe_graph.h"
#include "nn/caffe_weights.h"

namespace netdissect {

/// What a layer's first bottom is like.
struct CaffeBottom {
  Shape shape;
  bool flat = false;  // two axes (N, C) in Caffe, not four
};

/// Nothing for a layer that passes its input on as it is (Split). Error names file, layer and
/// attribute, and both shapes where weights do not fit; NotSupported names the attribute alone.
std::optional<AnyKind> ConvertCaffeLayer(const Path& prototxt, const caffe::LayerParameter& layer,
                                         const CaffeBottom& bottom, const CaffeWeights& weights);

}  // namespace netdissect
