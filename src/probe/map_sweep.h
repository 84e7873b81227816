#pragma once
// One image's maps of a few units, read once: their summaries, and of their values those that the
// units' sketches have to tell apart.

#include <cstdint>
#include <vector>

#include "netdissect/nn/network.h"
#include "netdissect/probe/quantile_sketch.h"
#include "nn/rows/row_kernels.h"

namespace netdissect {

class MapSweep {
 public:
  /// Units that are looked at together: a cache line of their activations.
  static constexpr int64_t kMost = SweepCall::kMost;

  /// `maps` stays as it is meanwhile.
  explicit MapSweep(const ImageMaps& maps);

  /// The next are unit number `first` and the ones after it, `count` in all; `wanted` is what their
  /// sketches want so far, or wanted earlier.
  void Choose(int64_t first, int64_t count, const QuantileSketch::Wanted* wanted);

  /// Reads the maps of the units.
  void Run();

  // Of the c-th of them:
  const MapSummary& summary(int64_t c) const { return summaries_[c]; }
  /// Where its map has its maximum first, row by row.
  int64_t PositionOfMaximum(int64_t c) const;
  /// Adds the map's values.
  void AddTo(QuantileSketch& sketch, int64_t c) const;

 private:
  // As large as maps: a thread's own.
  struct Buffers {
    std::vector<float> values, sorted, planar;
    std::vector<int32_t> units;
    static Buffers& OfThread();
  };

  void Sweep(const float* rows);
  void Copy(const float* rows);

  const ImageMaps& maps_;
  int64_t positions_, first_ = 0, count_ = 0;
  bool sweeps_ = false;  // else all values are wanted, or each map is by itself already
  QuantileSketch::Wanted wanted_[kMost] = {};
  MapSummary summaries_[kMost];
  const float* planar_ = nullptr;
  int64_t ends_[kMost + 1] = {};  // of each unit's values in `sorted`
  Buffers& buffers_;
};

}  // namespace netdissect
