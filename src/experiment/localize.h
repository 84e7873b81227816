#pragma once
// localize: scene and objects of pictures, each from one forward pass (Section 4.2, Figure 10).

#include <functional>

#include "experiment/detectors.h"
#include "experiment/experiment.h"
#include "netdissect/study/localize.h"

namespace netdissect {

struct LocalizeExperiment : ExperimentOptions {
  std::vector<std::string> files;  // given pictures, instead of image sets or before them
  DetectorOptions detectors;
  LocalizeOptions localize;
  int boxes = 8;         // drawn at most
  bool pictures = true;  // or draw nothing
  /// Told of each picture, for those who print; may be left out.
  std::function<void(const LocatedImage&, const Model&, const std::string& image)> found;
};

/// Returns the results' files: one for each network and image set.
std::vector<Path> RunLocalize(const LocalizeExperiment& options, Observer& observer);

}  // namespace netdissect
