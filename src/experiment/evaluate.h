#pragma once
// evaluate: labelled units as segmenters of their objects (Figure 11).

#include "experiment/experiment.h"
#include "experiment/recording.h"
#include "netdissect/study/unit_quality.h"
#include "report/table.h"

namespace netdissect {

struct EvaluateExperiment : ExperimentOptions {
  RecordingOptions recording;
  bool record_given = false;  // else a recording beside the labels comes first
  QualityOptions quality;
  std::string labels = "runs/annotate";  // annotation.json, or its folder
  int examples = 8;                      // objects shown in a sheet, best first; 0 = none
};

struct EvaluateRun {
  std::string network;
  Path result;
  Table objects;
};

std::vector<EvaluateRun> RunEvaluate(const EvaluateExperiment& options, Observer& observer);

}  // namespace netdissect
