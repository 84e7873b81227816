#pragma once
// annotate import: what people said units detect, as labels: answers to a task that `annotate
// export` made, or published tables.

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "netdissect/study/unit_labels.h"
#include "study/agreement.h"
#include "study/answer_book.h"

namespace netdissect {

struct ImportExperiment : ExperimentOptions {
  std::string task = "runs/annotate";  // of `annotate export`: its run folder
  std::vector<std::string> answers;    // JSON lines; by default those in the task's folder
  std::vector<std::string> published;  // tables (CSV) in place of answers to a task
  Path taxonomy;                       // of the tables' categories
  int shown = 57;                      // images that a precision in them is of; 0 = not known
  std::string with;     // of `annotate auto`: labels to stand beside people's; "" = none
  bool strict = false;  // an answer or row that is wrong is an error, not left out
};

struct ImportRun {
  std::string network;
  Path result;
  std::vector<LayerLabels> layers;
  LabelAgreement agreement;
};

/// Of the answers to the task, into `out`. Answers that are none to it, or wrong, are named, left
/// out and counted. Error where `out` has labels of another origin, unless forced or these are
/// taken over by `with`.
ImportRun ImportAnswers(const ImportExperiment& options, Observer& observer);

/// Of the tables, a folder of `out` for each network where there are several. Tables do not say the
/// digest of a network: it is that of the one among `networks` that bears its name, or of the only
/// one where there is one of both; else it is empty, and nothing that needs the network itself
/// takes the labels.
std::vector<ImportRun> ImportPublished(const ImportExperiment& options, Observer& observer);

}  // namespace netdissect
