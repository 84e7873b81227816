#pragma once
// annotate auto: what units detect, by ground truth (Section 3.3; Network Dissection).

#include "experiment/experiment.h"
#include "experiment/recording.h"
#include "netdissect/study/unit_labels.h"
#include "report/table.h"

namespace netdissect {

struct LabelExperiment : ExperimentOptions {
  RecordingOptions recording;
  LabelOptions label;
  int sheet = 8;  // best units shown in a sheet; 0 = none
};

struct LabelRun {
  std::string network;
  Path result;
  std::vector<LayerLabels> layers;
};

/// Error where `file` is there and is not what `command` wrote, unless `force`: people's labels,
/// above all, are worth more than a run.
void RequireNoOthersLabels(const Path& file, const std::string& command, bool force);

/// Error where the folder holds labels of another origin, which are worth more than a run of this.
std::vector<LabelRun> RunLabels(const LabelExperiment& options, Observer& observer);

}  // namespace netdissect
