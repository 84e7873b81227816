#pragma once
// Which images a classifier learns from, which it is tested on, and of what classes they are.

#include <string>
#include <vector>

#include "experiment/experiment.h"

namespace netdissect {

struct ProbeSplit {
  ImageSets images;         // the training part's and the tested set; or one that both are of
  std::vector<int> labels;  // of each image its class, from 0, or -1: it takes no part
  std::vector<bool> test;   // images that are tested
  std::vector<std::string> classes;
  std::string how;  // "sets": one for each part; "lists": of one descriptor; "share": drawn
  std::vector<std::string> left_out;  // categories with fewer than two images to learn from
  int64_t without_class = 0;          // images that have no label, or one that is left out
  int64_t in_both = 0;                // images of both parts: their test says little
};

/// `options.images` names one set. It is learnt from and `test` tested, where that is given; else
/// its descriptor's `train` list is learnt from and its `list` tested, where it has both; else this
/// share of each category is tested, drawn from the seed. A share that is given (`draw`) goes
/// before the lists. Labels of two sets are matched by name. Warns of what is left out. Error where
/// fewer than two categories have images to learn from, or nothing is to be tested.
ProbeSplit SplitForProbe(const ExperimentOptions& options, const std::string& test, double share,
                         bool draw, Observer& observer);

}  // namespace netdissect
