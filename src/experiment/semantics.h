#pragma once
// semantics: precision and semantic groups per layer and network (Figures 7 and 8).

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "study/semantics.h"

namespace netdissect {

struct SemanticsExperiment : ExperimentOptions {
  std::vector<std::string> labels;  // of `annotate`: annotation.json, or folders
  Path taxonomy;                    // of all labels; empty = the one that their files say
  Path otherwise;                   // where they say none: labels by ground truth
};

struct SemanticsRun {
  Path result;
  Taxonomy taxonomy;
  std::vector<NetworkSemantics> networks;
  LabelAgreement agreement;  // of all networks' units
};

/// A folder stands for the annotation.json in it, or where there is none for those in its folders.
/// Error where the files' taxonomies differ and none is given.
SemanticsRun RunSemantics(const SemanticsExperiment& options, Observer& observer);

}  // namespace netdissect
