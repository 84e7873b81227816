#pragma once
// probe: linear classifiers on layers' features (Section 2).

#include "experiment/experiment.h"
#include "report/probe_report.h"
#include "study/feature_pooling.h"

namespace netdissect {

struct ProbeExperiment : ExperimentOptions {
  std::string test;          // the set to test on; empty: as --images or the share says
  double test_share = 0.25;  // of each category's images, where they are drawn
  bool draw = false;         // the test part, although the set has lists of its own
  FeaturePooling pooling;
  ProbeOptions probe;
};

struct ProbeRun {
  std::vector<ProbedNetwork> networks;
  std::vector<Path> results;
};

/// The layer "all" stands for those that `record` takes. Error where a layer cannot be learnt from:
/// it is unknown, or constant; and where a category has too few images that can be read.
ProbeRun RunProbe(const ProbeExperiment& options, Observer& observer);

}  // namespace netdissect
