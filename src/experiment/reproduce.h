#pragma once
// reproduce: runs a study's steps one after the other, keeps what is there already, goes on past a
// step that fails, and after an interruption goes on where it was.
//
// OUT/reproduce.json says of every step what became of it and what it was made of (contents of
// networks, images and annotations, options, program), and has the digests of the files that it has
// left: where one was damaged or lost, the step is run again. It is written before and after each
// step, so that a run that is killed loses no more than the step in hand, which goes on by its own
// means.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiment/study_digests.h"
#include "experiment/study_plan.h"
#include "report/table.h"

namespace netdissect {

struct ReproduceOptions {
  Path out;
  uint64_t seed = 0;
  bool force = false;             // nothing of an earlier run is used
  std::vector<std::string> only;  // steps, commands or networks, and what they need; empty: all
  Json asked = Json::object();    // effective options by name, as results say them
  std::string toml;               // the same as options.toml; none is saved where empty
};

/// What a step says around its own progress.
struct StepFrame {
  std::string before;                  // "[4/15] rf scene_net: "
  std::function<std::string()> after;  // "all: 37%, 2:10 left"
};

/// Runs the command of a step; throws where it fails.
using RunStep = std::function<void(const StudyStep& step, const StepFrame& frame)>;

/// Seconds that each step may take where no earlier run says it.
using StepEstimates = std::function<std::vector<double>(const std::vector<StudyStep>& steps)>;

enum class StepState { kDone, kReused, kFailed };
std::string NameOf(StepState state);

struct StepOutcome {
  StudyStep step;
  StepState state = StepState::kDone;
  double seconds = 0;  // that it took when it was run
  std::string error;
};

struct ReproduceRun {
  Path result;  // reproduce.json
  std::vector<StepOutcome> steps;
  int failed = 0;
};

/// Stopped where the observer asks for an end; what was done is kept.
ReproduceRun RunReproduce(const Study& study, const StudyFacts& facts, const StudySources& sources,
                          const ReproduceOptions& options, const RunStep& run,
                          const StepEstimates& estimate, Observer& observer);

/// Whether a step would be reused, or why not. Touches no file.
struct StepForecast {
  StudyStep step;
  bool reused = false;
  std::string why;     // "its options have changed"
  double seconds = 0;  // that the same step took before; 0 = not known
};
std::vector<StepForecast> ForecastReproduce(const Study& study, const StudyFacts& facts,
                                            const StudySources& sources,
                                            const ReproduceOptions& options, Observer& observer);

/// Step, state, seconds and results.
Table OutcomeTable(const ReproduceRun& run);

}  // namespace netdissect
