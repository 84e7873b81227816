#pragma once
// annotate export: units as a page on which people name them (Section 3.3, Figure 6).

#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "experiment/recording.h"
#include "netdissect/probe/segmentation.h"
#include "study/annotation_task.h"

namespace netdissect {

struct TaskExperiment : ExperimentOptions {
  RecordingOptions recording{"runs/record", 60};
  UnitChoice choice;
  int shown = 60;          // segmented images of each unit, negatives among them
  int negatives = 3;       // images on which the unit is far from firing
  double threshold = 0.4;  // share of the largest activation on an image that its mask is above
  Path taxonomy;           // of the groups to choose from
  std::string answers;     // earlier ones, whose labels are suggested first; "" = none
  std::string page_url = "https://example.org/annotate";  // where hits.csv looks for the page
  SheetLayout layout;
  int64_t memory = int64_t{256} << 20;  // bytes: bound on tiles that wait for their sheet

  /// Error where an option is out of range.
  void Validate() const;
};

struct TaskRun {
  std::string network;
  Path result;         // export.json
  Path page;           // index.html
  int64_t units = 0;   // that can be named
  int64_t silent = 0;  // units left out, which respond to fewer images than are shown
  int64_t bytes = 0;   // of the page's folder
};

/// Places of negatives follow from a secret, which is made of the system's randomness once and kept
/// in export.json: who exports the same again gets the same page. Error where the folder has
/// answers to another task, unless forced.
std::vector<TaskRun> RunAnnotateExport(const TaskExperiment& options, Observer& observer);

}  // namespace netdissect
