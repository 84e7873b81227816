#pragma once
// Top-1 and top-5 accuracy on a labelled set while a network is trained.

#include "base/workers.h"
#include "netdissect/data/dataset.h"
#include "netdissect/nn/network.h"
#include "netdissect/nn/pass.h"

namespace netdissect {

struct Accuracy {
  double top1 = 0;  // fractions; NaN where nothing is counted
  double top5 = 0;
  int64_t counted = 0;  // images whose label is one of the classes
  std::vector<SkippedImage> skipped;
};

/// `targets`: the class of each label, -1 = none. Of equal scores the class of lower index comes
/// first. Each batch is computed on one thread, as many beside each other as there are workers.
Accuracy MeasureAccuracy(const Network& network, const InputFormat& format, const Dataset& set,
                         const std::vector<int>& targets, const PassOptions& options,
                         Workers& workers);

}  // namespace netdissect
