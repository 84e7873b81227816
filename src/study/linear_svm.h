#pragma once
// Linear support vector machines, one for each class against the rest (liblinear's `-s 2 -B 1`,
// scikit-learn's LinearSVC(dual=False)). For a class, with x the standardised features and a 1, and
// y = 1 for its rows and -1 for the others:
//
//   minimise over w:  1/2 w'w + C * sum over rows of max(0, 1 - y w'x)^2
//
// strongly convex, so that the minimum does not depend on the method: the trust-region Newton
// method of Lin, Weng and Keerthi (JMLR 2008). Features are looked at in blocks of rows, and a look
// serves all classes, costs and folds at once: each of them is a column of one matrix product. What
// is held are some vectors of a feature's size for each of them, and 2 bits for each row.

#include <cstdint>
#include <functional>
#include <vector>

#include "netdissect/base/observer.h"
#include "study/row_sweep.h"
#include "study/standardise.h"
#include "study/trust_region.h"

namespace netdissect {

struct SvmOptions {
  bool standardise = true;  // features, on the rows that are learnt from
  double tolerance = 1e-4;  // ends where the gradient is that much of what it is at w = 0
  int iterations = 1000;    // Newton steps at most
  int64_t memory = int64_t{512} << 20;  // bytes that classifiers in training take

  /// Error where an option is out of range.
  void Validate() const;
};

/// Labelled rows. A row is a part in folds so that classifiers can be made without one of them.
struct SvmRows {
  const FeatureRows* features = nullptr;
  std::vector<int> labels;  // class of each row, from 0; -1 = takes no part
  int classes = 0;
  std::vector<int> folds;  // of each row, from 0; empty = all are in fold 0
};

/// A classifier to be made.
struct SvmFit {
  double cost = 1;    // C
  int left_out = -1;  // the fold that is not learnt from; -1 = none
};

struct LinearModel {
  int classes = 0;
  Standardiser standardiser;
  /// Of class c at [c * (features + 1)]: a weight for each standardised feature, then the 1's.
  std::vector<double> weights;
  double cost = 0;
  std::vector<double> norms_at_zero;  // of each class's gradient at w = 0
  double relative_gradient = 0;       // the largest of its classes; see SvmOptions::tolerance
  int unfinished = 0;                 // classes that had not converged after the last iteration

  const double* of(int label) const {
    return weights.data() + label * (standardiser.features() + 1);
  }
};

/// What makes classifiers of the rows.
class LinearSvm {
 public:
  /// Looks at the features once. Error where there are not at least two classes, a class has no
  /// row, the lengths differ, or a feature is no finite number. `rows.features` outlives this.
  LinearSvm(SvmRows rows, const SvmOptions& options, Observer& observer = Silent());

  /// One for each fit. `observer` is told how many classes of fits are done, as `classifiers`.
  /// `near`: models of the same rows at other costs, one for each fit, to begin with in place of 0;
  /// or none.
  std::vector<LinearModel> Train(const std::vector<SvmFit>& fits,
                                 const std::vector<LinearModel>& near = {},
                                 Observer& observer = Silent()) const;

  /// How many fits the memory allows at a time, one at least.
  int64_t FitsAtOnce() const;

  const SvmRows& rows() const { return rows_; }
  /// Mean and deviation over all rows but those of the fold; -1 = over all.
  const Standardiser& StandardiserWithout(int fold) const {
    return standardisers_[static_cast<size_t>(fold + 1)];
  }

 private:
  int FoldOf(int64_t row) const {
    return rows_.folds.empty() ? 0 : rows_.folds[static_cast<size_t>(row)];
  }
  void FitStandardisers(Observer& observer);

  SvmRows rows_;
  SvmOptions options_;
  RowSweep sweep_;                           // of the rows that take part
  std::vector<Standardiser> standardisers_;  // [fold + 1]
};

/// Scores of the rows `taken`, in ascending order, by several models: `visit(row, model, scores)`
/// for every row and model.
void ForEachScore(
    const FeatureRows& features, const std::vector<int64_t>& taken,
    const std::vector<LinearModel>& models,
    const std::function<void(int64_t row, size_t model, const std::vector<double>& scores)>& visit);

}  // namespace netdissect
