#pragma once
// A class of a fit while it is trained (study/linear_svm.h): what it asks of a look at all rows,
// and what it makes of the answer.

#include <cstdint>
#include <vector>

#include "study/linear_svm.h"

namespace netdissect {

/// Column `column` of the matrix that raw features and a 1 are multiplied by to have the scores of
/// weights of standardised features: w'(x - mean) * scale + b = (w * scale)'x + (b - (w *
/// scale)'mean). `weights` are as many as features, and the 1's.
void PutColumn(const double* weights, const Standardiser& standardiser, int64_t column,
               Panels& panels);

class SvmClassifier {
 public:
  /// Rows are counted among those that take part. Begins with `near`'s weights, or at 0 where that
  /// is null. `standardiser` outlives this.
  SvmClassifier(const SvmFit& fit, int label, const Standardiser& standardiser,
                const LinearModel* near, int64_t rows, const SvmOptions& options);

  const TrustRegionNewton& newton() const { return newton_; }
  bool done() const { return newton_.wants() == TrustRegionNewton::Wants::kNothing; }

  /// Puts what the rows are to be multiplied by.
  void Ask(int64_t column, Panels& columns);

  /// Of a row, its score: its weight in the sum that makes the gradient, or the Hessian times the
  /// direction.
  double Weigh(int64_t row, int label, int fold, double score);

  /// Takes that sum.
  void Tell(const Panels& sums, int64_t column);

 private:
  SvmFit fit_;
  int label_;
  const Standardiser* standardiser_;
  TrustRegionNewton newton_;
  std::vector<uint64_t> active_, trial_active_;  // a bit for each row: whether its loss is not 0
  double loss_ = 0;                              // at the point asked for, over C
};

}  // namespace netdissect
