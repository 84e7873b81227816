#pragma once
// record: top images of every layer and unit (Figure 1).

#include "experiment/experiment.h"
#include "report/table.h"

namespace netdissect {

struct RecordExperiment : ExperimentOptions {
  int k = 100;      // images kept for each unit
  int figure = 12;  // images of each layer in Figure 1; 0 = no figure
};

struct RecordRun {
  std::string network;
  Path result;
  Table preference;  // share of each set among a layer's top images
};

/// A recording of the same network, images and layers in the folder is reused. Figure 1 shows all
/// networks side by side: figure1.png in `out`.
std::vector<RecordRun> RunRecord(const RecordExperiment& options, Observer& observer);

}  // namespace netdissect
