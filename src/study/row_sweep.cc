#include "study/row_sweep.h"

#include <algorithm>

#include "base/parallel.h"

namespace netdissect {
namespace {

static_assert(kSweepRows % kTileRows == 0);
constexpr int64_t kDepth = 128;  // terms of a sum at a time: what of them is in hand fits a cache

int64_t WholeTiles(int64_t rows) { return (rows + kTileRows - 1) / kTileRows * kTileRows; }

}  // namespace

Panels::Panels(int64_t rows, int64_t columns)
    : rows_(WholeTiles(rows)),
      count_((columns + kPanelColumns - 1) / kPanelColumns),
      values_(static_cast<size_t>(rows_ * count_ * kPanelColumns)) {}

void Panels::Clear() { std::fill(values_.begin(), values_.end(), 0.0); }

RowSweep::RowSweep(const FeatureRows& rows, std::vector<int64_t> taken, TileProduct product)
    : rows_(rows), taken_(std::move(taken)), product_(product) {}

void RowSweep::ForEachBlock(
    const std::function<void(int64_t first, int64_t count, const float* values)>& look) const {
  const int64_t features = rows_.features();
  const auto total = static_cast<int64_t>(taken_.size());
  std::vector<float> values(static_cast<size_t>(std::min(kSweepRows, total) * features));
  for (int64_t first = 0; first < total; first += kSweepRows) {
    const int64_t count = std::min(kSweepRows, total - first);
    for (int64_t i = 0; i < count;) {  // neighbours are read together
      const int64_t row = taken_[static_cast<size_t>(first + i)];
      int64_t run = 1;
      while (i + run < count && taken_[static_cast<size_t>(first + i + run)] == row + run) ++run;
      rows_.Read(row, run, values.data() + i * features);
      i += run;
    }
    look(first, count, values.data());
  }
}

void RowSweep::Score(const Panels& columns, const Scored& scored) const {
  Sweep(columns, scored, nullptr);
}

void RowSweep::ScoreAndSum(const Panels& columns, const Scored& scored, Panels& sums) const {
  Sweep(columns, scored, &sums);
}

void RowSweep::Sweep(const Panels& columns, const Scored& scored, Panels* sums) const {
  const int64_t features = rows_.features(), width = WholeTiles(features + 1);
  const int64_t most = WholeTiles(std::min(kSweepRows, static_cast<int64_t>(taken_.size())));
  std::vector<double> block(static_cast<size_t>(most * width));
  Panels scores(most, columns.count() * kPanelColumns);
  ForEachBlock([&](int64_t first, int64_t count, const float* values) {
    const int64_t rows = WholeTiles(count);
    ParallelFor(0, rows, kTileRows, [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i) {
        double* row = block.data() + i * width;
        std::fill_n(row, width, 0.0);
        if (i >= count) continue;  // to fill the last tile
        std::copy_n(values + i * features, features, row);
        row[features] = 1;
      }
    });
    scores.Clear();
    // Ranges begin where tiles do, whatever the number of threads.
    ParallelFor(0, rows / kTileRows, 1, [&](int64_t from, int64_t to) {
      for (int64_t begin = 0; begin < width; begin += kDepth) {
        const int64_t depth = std::min(kDepth, width - begin);
        for (int64_t tile = from; tile < to; ++tile) {
          const int64_t row = tile * kTileRows;
          for (int64_t p = 0; p < columns.count(); ++p) {
            product_(block.data() + row * width + begin, width, 1, depth,
                     columns.panel(p) + begin * kPanelColumns,
                     scores.panel(p) + row * kPanelColumns);
          }
        }
      }
    });
    scored(first, count, scores);
    if (sums == nullptr) return;
    ParallelFor(0, width / kTileRows, 1, [&](int64_t from, int64_t to) {
      for (int64_t tile = from; tile < to; ++tile) {
        const int64_t row = tile * kTileRows;
        for (int64_t begin = 0; begin < count; begin += kDepth) {
          const int64_t depth = std::min(kDepth, count - begin);
          for (int64_t p = 0; p < columns.count(); ++p) {
            product_(block.data() + begin * width + row, 1, width, depth,
                     scores.panel(p) + begin * kPanelColumns, sums->panel(p) + row * kPanelColumns);
          }
        }
      }
    });
  });
}

}  // namespace netdissect
