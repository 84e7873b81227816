#include "probe/map_sweep.h"

#include <algorithm>
#include <iterator>

#include "nn/planar.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
namespace {

template <typename Item>
Item* RoomFor(std::vector<Item>& items, int64_t count) {
  items.resize(std::max(items.size(), static_cast<size_t>(count)));
  return items.data();
}

}  // namespace

MapSweep::Buffers& MapSweep::Buffers::OfThread() {
  static thread_local Buffers buffers;
  return buffers;
}

MapSweep::MapSweep(const ImageMaps& maps)
    : maps_(maps), positions_(maps.height * maps.width), buffers_(Buffers::OfThread()) {}

void MapSweep::Choose(int64_t first, int64_t count, const QuantileSketch::Wanted* wanted) {
  first_ = first;
  count_ = count;
  std::copy_n(wanted, count, wanted_);
  sweeps_ = maps_.channel_step == 1 &&
            std::none_of(wanted, wanted + count, [](const auto& each) { return each.all(); });
}

void MapSweep::Run() {
  const float* values = maps_.values + first_ * maps_.channel_step;
  if (sweeps_) return Sweep(values);
  planar_ = values;
  if (maps_.channel_step == 1) Copy(values);
  for (int64_t c = 0; c < count_; ++c) {
    summaries_[c] = Kernels().summarize(planar_ + c * positions_, positions_);
  }
}

void MapSweep::Copy(const float* rows) {
  float* planar = RoomFor(buffers_.planar, kMost * positions_);
  CopyPlanar(rows, positions_, maps_.position_step, count_, planar);
  planar_ = planar;
}

void MapSweep::Sweep(const float* rows) {
  float below[kMost] = {}, from[kMost] = {};
  for (int64_t c = 0; c < count_; ++c) {
    below[c] = wanted_[c].below;
    from[c] = wanted_[c].from;
  }
  float* values = RoomFor(buffers_.values, kMost * positions_);
  int32_t* units = RoomFor(buffers_.units, kMost * positions_);
  const int64_t found =
      Kernels().sweep({rows, maps_.position_step, positions_, static_cast<int>(count_), below, from,
                       values, units, summaries_});
  // Unit by unit.
  std::fill(std::begin(ends_), std::end(ends_), 0);
  for (int64_t i = 0; i < found; ++i) ++ends_[units[i] + 1];
  for (int64_t c = 0; c < kMost; ++c) ends_[c + 1] += ends_[c];
  int64_t next[kMost];
  std::copy_n(ends_, kMost, next);
  float* sorted = RoomFor(buffers_.sorted, found);
  for (int64_t i = 0; i < found; ++i) sorted[next[units[i]]++] = values[i];
}

int64_t MapSweep::PositionOfMaximum(int64_t c) const {
  const float* value = maps_.values + (first_ + c) * maps_.channel_step;
  int64_t position = 0;
  for (; *value != summaries_[c].maximum; value += maps_.position_step) ++position;
  return position;
}

void MapSweep::AddTo(QuantileSketch& sketch, int64_t c) const {
  if (!sweeps_) return sketch.Add(planar_ + c * positions_, positions_);
  const int64_t count = ends_[c + 1] - ends_[c];
  sketch.AddWanted(wanted_[c], buffers_.sorted.data() + ends_[c], count, positions_ - count);
}

}  // namespace netdissect
