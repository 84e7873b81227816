#pragma once
// How well a linear classifier tells classes apart by a layer's features: learnt on one part of the
// images, its cost chosen there by cross-validation, tested on the other (Section 2: deep features
// plus a linear SVM).

#include <cstdint>
#include <vector>

#include "base/statistics.h"
#include "study/cross_validation.h"

namespace netdissect {

struct ProbeOptions {
  CrossValidationOptions cross_validation;
  SvmOptions svm;
  uint64_t seed = 0;  // draws the folds

  /// Error where an option is out of range.
  void Validate() const;
};

struct ProbeRows {
  const FeatureRows* features = nullptr;
  std::vector<int> labels;     // class of each row, from 0; -1 = left out
  std::vector<bool> test;      // rows that are tested rather than learnt from
  std::vector<int64_t> items;  // what each row is of, for the draw of folds
  int classes = 0;
};

struct ProbeResult {
  int64_t features = 0;
  int64_t constant = 0;  // features, over the training part: they say nothing
  int64_t train = 0, test = 0;
  CostChoice choice;
  int64_t correct = 0;   // of `test`, the class of the highest score being right
  int64_t correct5 = 0;  // the class is among the five highest
  std::vector<std::vector<int64_t>> confusion;  // [class][answer], test rows
  int unfinished = 0;                           // classifiers that had not converged
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(test); }
  double top5() const { return static_cast<double>(correct5) / static_cast<double>(test); }
  ProportionInterval interval() const { return WilsonInterval(correct, test); }
  ProportionInterval interval5() const { return WilsonInterval(correct5, test); }
};

/// Error as LinearSvm's, and where nothing is to be tested or all features are constant.
ProbeResult Probe(const ProbeRows& rows, const ProbeOptions& options,
                  Observer& observer = Silent());

}  // namespace netdissect
