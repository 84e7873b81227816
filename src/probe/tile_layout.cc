#include "probe/tile_layout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "nn/tiles/compute_tiles.h"
#include "probe/grouping.h"

namespace netdissect {
namespace {

// Positions of all steps along an axis, by place in the grid.
std::vector<int64_t> Extents(const std::vector<std::vector<Range>>& by_step, int count) {
  std::vector<int64_t> extents(At(count), 0);
  for (const std::vector<Range>& ranges : by_step) {
    for (size_t i = 0; i < ranges.size(); ++i) extents[i] += std::max(ranges[i].size(), 0);
  }
  return extents;
}

// Where a tile of `size` holds `range` and lies in a map of `whole`.
int64_t StartOf(const Range& range, int size, int whole) {
  return range.empty() ? 0 : std::min(range.start, whole - size);
}

// Occluders computed together on a CPU.
constexpr int64_t kMostOnCpu = 64;
// Operations count what is in a tensor in 32 bits on some devices.
constexpr int64_t kMostInTensor = std::numeric_limits<int32_t>::max();

int64_t PositionsOf(const Extent& size) { return int64_t{size.y} * size.x; }

}  // namespace

TileLayout::TileLayout(const Network& network, const Program& program, const OccluderSet& occluders)
    : network_(network),
      program_(program),
      occluders_(occluders),
      reach_(ReachOfOccluders(network, program, occluders)) {}

std::vector<GridCell> TileLayout::Cells() const {
  std::vector<GridCell> cells;
  for (int row = 0; row < occluders_.rows(); ++row) {
    for (int column = 0; column < occluders_.columns(); ++column) {
      if (program_.See(0, PatchOf(occluders_, row, column)).empty()) continue;
      cells.push_back({row, column});
    }
  }
  const std::vector<int64_t> heights = Extents(reach_.y, occluders_.rows());
  const std::vector<int64_t> widths = Extents(reach_.x, occluders_.columns());
  std::stable_sort(cells.begin(), cells.end(), [&](const GridCell& a, const GridCell& b) {
    return std::tie(heights[At(a.row)], widths[At(a.column)]) <
           std::tie(heights[At(b.row)], widths[At(b.column)]);
  });
  return cells;
}

std::vector<std::vector<GridCell>> TileLayout::Batches(int64_t memory,
                                                       const at::Device& device) const {
  const std::vector<GridCell> cells = Cells();
  const auto total = static_cast<int64_t>(cells.size());
  std::vector<std::vector<GridCell>> batches;
  if (total == 0) return batches;
  const Need need = NeedOf(cells);
  const int64_t fitting = std::min(memory / need.bytes, kMostInTensor / need.values);
  const int64_t most = std::clamp<int64_t>(fitting, 1, device.is_cpu() ? kMostOnCpu : total);
  const int64_t count = (total + most - 1) / most;
  for (int64_t b = 0; b < count; ++b) {
    batches.emplace_back(cells.begin() + total * b / count,
                         cells.begin() + total * (b + 1) / count);
  }
  return batches;
}

int64_t TileLayout::MultiplyAdds(const std::vector<GridCell>& batch) const {
  int64_t macs = 0;
  for (size_t s = 0; s < program_.plan.steps.size(); ++s) {
    const RowStep& step = program_.plan.steps[s];
    const int64_t positions = PositionsOf(SizeOf(s, batch)) * static_cast<int64_t>(batch.size());
    for (const ChannelRun& run : RunsOfTiles(network_, step)) {
      macs += network_.layer(step.layer).kind->MultiplyAdds(run.count, positions);
    }
  }
  return macs;
}

Extent TileLayout::SizeOf(size_t step, const std::vector<GridCell>& cells) const {
  Extent size{0, 0};
  if (RunsOfTiles(network_, program_.plan.steps[step]).empty()) return size;
  for (const GridCell& cell : cells) {
    const Range &y = reach_.y[step][At(cell.row)], &x = reach_.x[step][At(cell.column)];
    if (y.empty() || x.empty()) continue;
    size.y = std::max(size.y, y.size());
    size.x = std::max(size.x, x.size());
  }
  if (size.y > 0 && NeedsWholeMaps(network_, program_.plan.steps[step])) {
    const Shape& shape = network_.layer(program_.plan.steps[step].output).shape;
    size.y = shape.height;
    size.x = shape.width;
  }
  return size;
}

TileLayout::Places TileLayout::PlacesOf(const std::vector<GridCell>& cells,
                                        const at::Device& device) const {
  Places places;
  places.patches.height = places.patches.width = occluders_.patch();
  for (const GridCell& cell : cells) {
    places.patches.y.push_back(int64_t{cell.row} * occluders_.stride());
    places.patches.x.push_back(int64_t{cell.column} * occluders_.stride());
  }
  for (size_t s = 0; s < program_.plan.steps.size(); ++s) {
    const Extent size = SizeOf(s, cells);
    Tiles tiles;
    tiles.height = size.y;
    tiles.width = size.x;
    const Shape& shape = network_.layer(program_.plan.steps[s].output).shape;
    for (const GridCell& cell : cells) {
      tiles.y.push_back(StartOf(reach_.y[s][At(cell.row)], tiles.height, shape.height));
      tiles.x.push_back(StartOf(reach_.x[s][At(cell.column)], tiles.width, shape.width));
    }
    places.steps.push_back(std::move(tiles));
  }
  // To the device in one piece.
  std::vector<Tiles*> all = {&places.patches};
  for (Tiles& tiles : places.steps) all.push_back(&tiles);
  std::vector<int64_t> numbers;
  for (const Tiles* tiles : all) {
    numbers.insert(numbers.end(), tiles->y.begin(), tiles->y.end());
    numbers.insert(numbers.end(), tiles->x.begin(), tiles->x.end());
  }
  const at::Tensor firsts =
      at::tensor(numbers, at::kLong).view({-1, static_cast<int64_t>(cells.size())}).to(device);
  for (size_t i = 0; i < all.size(); ++i) {
    all[i]->first_y = firsts[static_cast<int64_t>(2 * i)];
    all[i]->first_x = firsts[static_cast<int64_t>(2 * i + 1)];
  }
  return places;
}

TileLayout::Need TileLayout::NeedOf(const std::vector<GridCell>& cells) const {
  constexpr int64_t kFloat = sizeof(float), kIndex = sizeof(int64_t);
  constexpr int64_t kIndices = 4;  // index tensors of a position while they are computed
  std::map<int, int64_t> held;     // bytes of tiles, by layer
  Need need;
  const auto take = [&](int64_t positions, int units) {
    need.values = std::max(need.values, positions * units);
    return kFloat * positions * units;
  };
  const int patch = occluders_.patch();
  int64_t live = held[0] = take(int64_t{patch} * patch, network_.input().units);
  need.bytes = live;
  for (size_t s = 0; s < program_.plan.steps.size(); ++s) {
    const RowStep& step = program_.plan.steps[s];
    const Layer& layer = network_.layer(step.layer);
    const Extent size = SizeOf(s, cells);
    int64_t work = 0;
    for (size_t k = 0; k < layer.inputs.size(); ++k) {
      const Shape& shape = network_.layer(layer.inputs[k]).shape;
      int64_t positions = int64_t{shape.height} * shape.width;
      if (!NeedsWholeMaps(network_, step)) {
        positions = PositionsOf(ExtentSeenBy(size.y, size.x, step.reaches[k]));
      }
      work += held[layer.inputs[k]];  // once more while it is put behind the base
      work += take(positions, shape.units) + kIndices * kIndex * positions;
    }
    const int64_t output = take(PositionsOf(size), network_.layer(step.output).shape.units);
    held[step.output] = output;
    live += output;
    need.bytes = std::max(need.bytes, live + work + 2 * output);
    for (int done : program_.done[s]) live -= std::exchange(held[done], 0);
  }
  return need;
}

int64_t HeldBytes(const Network& network, const OccluderSet& occluders,
                  const std::vector<UnitPosition>& units) {
  const auto rows_of = [&](int layer) {  // one more for what lies beyond the borders
    const Shape& shape = network.layer(layer).shape;
    return int64_t{shape.units} * (int64_t{shape.height} * shape.width + 1);
  };
  int64_t values = occluders.patches().numel() + rows_of(0);
  for (const RowStep& step : PlanWhole(network, units, StepsOf::kAll).steps) {
    values += rows_of(step.output);
  }
  return int64_t{sizeof(float)} * values;
}

}  // namespace netdissect
