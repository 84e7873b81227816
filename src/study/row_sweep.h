#pragma once
// Two matrix products in one look at rows of features X (rows x features, a 1 appended to each):
//
//   S = X U,   then S is turned into weights V by whoever asks,   then G = X' V
//
// for any number of columns U at once, so that all that is computed at one time shares the reading.
// What is held does not depend on the number of rows. Every sum runs in the order of features or
// rows: results depend neither on threads nor on which columns stand beside each other.

#include <cstdint>
#include <functional>
#include <vector>

#include "study/feature_rows.h"
#include "study/product_kernel.h"

namespace netdissect {

/// A matrix by panels of kPanelColumns columns: [panel][row][column]. Rows are padded with zeros.
class Panels {
 public:
  Panels(int64_t rows, int64_t columns);

  int64_t count() const { return count_; }
  double* panel(int64_t index) { return values_.data() + index * rows_ * kPanelColumns; }
  const double* panel(int64_t index) const {
    return values_.data() + index * rows_ * kPanelColumns;
  }
  double& at(int64_t row, int64_t column) {
    return panel(column / kPanelColumns)[row * kPanelColumns + column % kPanelColumns];
  }
  double at(int64_t row, int64_t column) const {
    return const_cast<Panels*>(this)->at(row, column);
  }
  void Clear();

 private:
  int64_t rows_, count_;
  std::vector<double> values_;
};

/// Rows that one look has in memory: threads wait for each other a few times in each block.
constexpr int64_t kSweepRows = 768;

class RowSweep {
 public:
  /// Looks at the rows `taken`, in ascending order.
  RowSweep(const FeatureRows& rows, std::vector<int64_t> taken,
           TileProduct product = BestTileProduct());

  const FeatureRows& rows() const { return rows_; }
  const std::vector<int64_t>& taken() const { return taken_; }

  /// `count` rows, values[i * features()]: of taken() from `first` on.
  void ForEachBlock(
      const std::function<void(int64_t first, int64_t count, const float* values)>& look) const;

  /// S for each block of rows: at(i, column) of `scores` is that of taken() at first + i. U has a
  /// row for each feature and one for the 1.
  using Scored = std::function<void(int64_t first, int64_t count, Panels& scores)>;
  void Score(const Panels& columns, const Scored& scored) const;

  /// The same, and then what `scored` has made of S is V: adds X' V to `sums`.
  void ScoreAndSum(const Panels& columns, const Scored& scored, Panels& sums) const;

 private:
  void Sweep(const Panels& columns, const Scored& scored, Panels* sums) const;

  const FeatureRows& rows_;
  std::vector<int64_t> taken_;
  TileProduct product_;
};

}  // namespace netdissect
