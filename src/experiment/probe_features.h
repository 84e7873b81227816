#pragma once
// Features of images, computed in one pass for all layers that are wanted, kept in the run folder
// and used again as long as network, preprocessing, images and pooling are the same:
// features/LAYER.npy (float32, a row for each image that could be read, in the order of the sets)
// and features/features.json, which says what they are of.

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "study/feature_pooling.h"

namespace netdissect {

struct LayerFeatures {
  std::string layer;
  Path file;
  Shape shape;  // units and cells
  bool reused = false;
};

struct ProbeFeatures {
  std::vector<LayerFeatures> layers;
  std::vector<int64_t> items;        // of each row the image, an index into the sets
  std::vector<std::string> skipped;  // images that could not be read
};

/// Error where the network has no such layer. Of files that are there but damaged `observer` is
/// warned; they are written anew.
ProbeFeatures FindOrMakeFeatures(const ExperimentOptions& options, const NetworkRun& run,
                                 const ImageSets& images, const std::vector<std::string>& layers,
                                 const FeaturePooling& pooling, Observer& observer);

}  // namespace netdissect
