#pragma once
// info: layers, sizes, theoretical receptive fields (Table 1, and the first row of Table 2).

#include "experiment/experiment.h"
#include "report/table.h"

namespace netdissect {

struct InfoRun {
  std::string network;
  Path result;
  Table layers;
};

std::vector<InfoRun> RunInfo(const ExperimentOptions& options, Observer& observer);

}  // namespace netdissect
