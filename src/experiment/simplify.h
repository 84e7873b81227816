#pragma once
// simplify: the minimal images of an image set (Section 3.1, Figure 2).

#include <optional>

#include "experiment/experiment.h"
#include "netdissect/study/simplify.h"
#include "report/table.h"
#include "study/kept_objects.h"

namespace netdissect {

struct SimplifyExperiment : ExperimentOptions {
  std::vector<std::string> classes;  // only images with these labels; `limit` then counts these
  /// The class to keep; where it is left open, the label's where the set's images have labels.
  std::optional<SimplifyOptions::Target> target;
  SimplifyOptions simplify;
  int64_t pictures = 100;  // minimal images that are drawn
};

struct SimplifyRun {
  std::string network;
  std::string set;
  Path result;
  SimplifySummary summary;
  Table fractions;                       // how little is kept
  std::vector<KeptCategory> categories;  // what is, where segments are annotated objects
};

std::vector<SimplifyRun> RunSimplify(const SimplifyExperiment& options, Observer& observer);

}  // namespace netdissect
