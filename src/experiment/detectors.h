#pragma once
// Detectors of objects, put together from what earlier experiments found of a network's units.

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "netdissect/study/localize.h"

namespace netdissect {

struct DetectorOptions {
  std::string labels = "runs/annotate";  // of `annotate`: annotation.json, or its folder
  std::string record = "runs/record";    // of `record`: thresholds and largest activations
  std::string fields = "runs/rf";        // of `rf`: by which boxes grow; may be missing
  bool trust_iou = false;                // confidences by intersection over union, not precision
  double min_iou = 0.04;                 // below it a label is not used (Network Dissection)
  double min_precision = 0;  // share; where annotations are incomplete, precision is a lower bound
};

/// Of the layers asked for, or of all that have labels.
std::vector<DetectorLayer> MakeDetectors(const DetectorOptions& options,
                                         const std::vector<std::string>& layers,
                                         const NetworkRun& run, Observer& observer);

}  // namespace netdissect
