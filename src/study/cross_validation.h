#pragma once
// The cost of a linear SVM by stratified k-fold cross-validation on the rows that it learns from:
// for each cost and fold a classifier is made of the other folds, features standardised on those
// alone, and asked about the fold; the cost is that with the most right answers, of equals the
// smallest, which regularises most.
//
// Costs are tried from the smallest on, each beginning with the weights of the one before, until
// some in a row do no better (Chu, Ho, Tsai, Lin and Lin, "Warm Start for Parameter Selection of
// Linear Classifiers", KDD 2015): large costs take longest, and once the classes are told apart
// with a margin they change nothing.

#include <cstdint>
#include <vector>

#include "study/linear_svm.h"

namespace netdissect {

struct CrossValidationOptions {
  std::vector<double> costs = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10};  // ascending
  int folds = 5;
  int patience = 2;  // costs in a row that do no better, after which none is tried

  /// Error where an option is out of range.
  void Validate() const;
};

/// A fold for each row, of each class as many in one as in another, but for one; -1 for rows
/// without a label. Which row is in which depends on the seed and on `items`, numbers that say what
/// the rows are of, not on their order.
std::vector<int> StratifiedFolds(const std::vector<int>& labels, const std::vector<int64_t>& items,
                                 int folds, uint64_t seed);

/// Of each class this share of the items, rounded, is for testing; but two stay for training. Items
/// without a label are not.
std::vector<bool> StratifiedTestPart(const std::vector<int>& labels,
                                     const std::vector<int64_t>& items, double share,
                                     uint64_t seed);

struct CostPoint {
  double cost = 0;
  int64_t correct = 0;  // of the rows, each asked of the classifier that had not seen it
  int unfinished = 0;   // classifiers that had not converged
};

struct CostChoice {
  double cost = 0;
  int64_t rows = 0;
  std::vector<CostPoint> curve;  // of the costs that were tried
  bool at_end = false;           // of the grid: a cost beyond might do better
};

/// `svm` has rows in as many folds. A single cost is not tried.
CostChoice ChooseCost(const LinearSvm& svm, const CrossValidationOptions& options,
                      Observer& observer = Silent());

/// The class of the highest score; of equals the first.
int HighestOf(const std::vector<double>& scores);

}  // namespace netdissect
