#pragma once
// record: top images of every layer and unit (Figure 1).

#include "experiment/experiment.h"
#include "report/table.h"

namespace netdissect {

struct RecordExperiment : ExperimentOptions {
  int k = 100;  // images kept for each unit
};

struct RecordRun {
  std::string network;
  Path result;
  Table preference;  // share of each set among a layer's top images
};

/// A recording of the same network, images and layers in the folder is reused.
std::vector<RecordRun> RunRecord(const RecordExperiment& options, Observer& observer);

}  // namespace netdissect
