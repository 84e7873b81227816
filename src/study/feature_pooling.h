#pragma once
// A layer's output for an image as features: a number for each unit, or for each unit and cell of a
// grid over the map. Linear classifiers on early layers would have too many features otherwise: as
// Zhang, Isola and Efros ("Colorful Image Colorization", ECCV 2016), maps are averaged to a grid
// such that a layer has at most so many features.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "netdissect/nn/layer.h"

namespace netdissect {

struct FeaturePooling {
  enum class Kind {
    kFit,   // the finest square grid of averages with at most `most` features; all where they fit
    kNone,  // all units and positions
    kMax,   // each unit's maximum
    kGrid   // averages of `height` x `width` cells
  };
  Kind kind = Kind::kFit;
  int64_t most = 4096;  // features
  int height = 1, width = 1;
};

/// "fit", "none", "max", "mean" (a grid of one cell) or "4x3" (height x width).
FeaturePooling ParsePooling(const std::string& text);
std::string NameOf(const FeaturePooling& pooling);

/// Units and cells of a layer of that shape. Error where the grid has more cells than the map.
Shape PooledShape(const Shape& shape, const FeaturePooling& pooling, const std::string& layer);

/// (N, features), unit by unit, from a layer's output (N, units, H, W).
at::Tensor PoolFeatures(const at::Tensor& output, const FeaturePooling& pooling,
                        const Shape& pooled);

}  // namespace netdissect
