#pragma once
// What a study comes to: every experiment as one command of the program, in an order in which each
// finds what it builds on. A step is of one network where it can be, so that what is changed in a
// study makes only that be computed again which depends on it.
//
//   OUT/record/NETWORK, OUT/rf/NETWORK, ...    results of `record`, `rf`, ...
//   OUT/labels/NETWORK                         of `annotate auto`;  OUT/people/NETWORK of `import`
//   OUT/semantics, OUT/emergence               of all networks side by side
//   OUT/COMMAND/VARIANT/...                    where a study runs a command several times

#include <vector>

#include "experiment/study_facts.h"
#include "experiment/study_file.h"
#include "experiment/study_step.h"

namespace netdissect {

/// The steps in order. A network classifies a set, and minimal images are made of it, where the
/// study says so or else at least half of the set's labels are among its classes.
std::vector<StudyStep> PlanStudy(const Study& study, const StudyFacts& facts);

}  // namespace netdissect
