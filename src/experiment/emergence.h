#pragma once
// emergence: which objects units detect, beside how frequent and how informative they are
// (Section 4.1, Figure 9).

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "report/table.h"
#include "study/emergence.h"
#include "study/presence_model.h"

namespace netdissect {

struct EmergenceExperiment : ExperimentOptions {
  std::vector<std::string> labels;  // of `annotate`: annotation.json, or folders
  Path aliases;                     // other names of objects, for labels too; empty = the set's
  EmergenceOptions emergence;
  PresenceOptions presence;
  std::string record;  // a recording of --network; empty = beside the labels
  int sheet = 8;       // objects shown in the sheet of a network; 0 = none
};

struct EmergenceRun {
  std::vector<Path> results;  // one for each network
  EmergenceResult emergence;
  PresenceModel presence;
};

/// All labels are set beside the annotations of the image sets. Where networks are given, the
/// sheet of Figure 9a is drawn for those that labels are of. Error where the labels of a network
/// name no object of the sets, or a network has none.
EmergenceRun RunEmergence(const EmergenceExperiment& options, Observer& observer);

}  // namespace netdissect
