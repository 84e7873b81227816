#pragma once
// The classes of a training: what the labels of its two lists mean.

#include "netdissect/data/dataset.h"

namespace netdissect {

struct TrainingLabels {
  std::vector<ImageEntry> images;     // for training: those with a label, which is the class
  int64_t left_out = 0;               // without label
  std::vector<std::string> names;     // of the classes; may be empty
  int count = 0;                      // of classes
  std::vector<int> held_out_targets;  // class of each label of the held-out set, -1 = none
};

/// Classes are the training set's label names; without names, labels count from 0 to the largest.
/// Error where a label is out of range, a class has no training image, there are fewer than two
/// classes, or no held-out image has one of them. Warns of held-out labels that are ambiguous.
TrainingLabels CollectTrainingLabels(const Dataset& train, const Dataset& held_out,
                                     Observer& observer);

}  // namespace netdissect
