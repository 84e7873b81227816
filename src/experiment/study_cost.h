#pragma once
// About how long a study's steps take, and how much disk. A step's time is that of its forward
// passes, occlusion maps and pictures, whose single times are measured on this machine or assumed.
// A rough model: right within a factor of 2 where nothing is unusual.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiment/study_digests.h"
#include "experiment/study_plan.h"
#include "netdissect/base/observer.h"
#include "netdissect/nn/network.h"

namespace netdissect {

struct StepCost {
  double seconds = 0;
  double bytes = 0;  // of its results
};

struct CostOptions {
  bool measure = false;  // a few forward passes and occlusion maps of each network
  std::string device = "auto";
  ForwardBy forward = ForwardBy::kRowKernels;
  int threads = 1;  // that decode
};

/// One for each step.
std::vector<StepCost> EstimateCosts(const std::vector<StudyStep>& steps, const StudyFacts& facts,
                                    const StudySources& sources, const CostOptions& options,
                                    Observer& observer);

}  // namespace netdissect
