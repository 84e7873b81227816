#pragma once
// classify: accuracy on image sets, or the classes of given pictures (Section 2).

#include "experiment/experiment.h"
#include "netdissect/study/classify.h"

namespace netdissect {

struct ClassifyExperiment : ExperimentOptions {
  std::vector<std::string> files;  // given pictures, instead of image sets or before them
  int top = 5;                     // classes reported for each image
};

/// A network on an image set.
struct ClassifyRun {
  std::string network;
  std::string set;
  Path result;
  ClassifyResult classified;
  std::vector<std::string> images;   // names; of given pictures alone
  std::vector<std::string> classes;  // names; of given pictures alone
  bool probabilities = true;         // scores are a softmax's
};

std::vector<ClassifyRun> RunClassify(const ClassifyExperiment& options, Observer& observer);

/// The given files as a set, and then the image sets, if some are named or no file is given.
ImageSets FilesAndSets(const ExperimentOptions& options, const std::vector<std::string>& files);

}  // namespace netdissect
