#pragma once
// report --against: what changed between two runs of one study, beyond the noise.

#include <string>

#include "experiment/experiment.h"
#include "report/run_numbers.h"

namespace netdissect {

struct AgainstOptions {
  std::string run;      // folder of the run in question
  std::string against;  // folder of the run that it is compared with: what was before
  std::string out;      // folder of against.json; that of the run where empty
  ChangeOptions change;

  Json asked = Json::object();  // effective options by name, as the result says them
  uint64_t seed = 0;            // as the result says it; no number depends on it
};

struct AgainstResult {
  Path result;  // against.json
  RunNumbers runs;
  Changes changes;
  bool any = false;  // whether anything changed
};

/// Error as ReadBothRuns', and where a folder is missing or both are one.
AgainstResult RunAgainst(const AgainstOptions& options, Observer& observer);

}  // namespace netdissect
