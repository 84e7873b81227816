#include "nn/rows/winograd.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

#include "nn/kinds/convolution.h"

namespace netdissect {
namespace {

constexpr int kPoints = WinogradWeights::kPoints, kTile = 2;
// With fewer channels the transforms take longer than the products that they save.
constexpr int kFewestChannels = 16;
// Transformed inputs and products of the tiles taken together: what a core's cache holds beside
// the weights.
constexpr int64_t kTileBytes = int64_t{1} << 22;
// Tiles are counted in what the kernels multiply at once.
constexpr int kFewestTiles = 96, kTilesAtOnce = 12;

struct Tile {
  int item = 0, y = 0, x = 0;          // of the first output
  float* outputs[kTile * kTile] = {};  // null: not wanted
};

// All tiles that hold a wanted position, and where their outputs go.
std::vector<Tile> TilesOf(const RowTask& task) {
  std::vector<Tile> tiles;
  tiles.reserve(static_cast<size_t>(CountRows(task.spans) / 2));
  float* out = task.out;
  for (const Span& span : task.spans) {
    const Rect& rect = span.rect;
    if (rect.empty()) continue;
    const ptrdiff_t line = rect.x.size() * task.pitch;
    for (int y = rect.y.start / kTile * kTile; y <= rect.y.end; y += kTile) {
      for (int x = rect.x.start / kTile * kTile; x <= rect.x.end; x += kTile) {
        Tile& tile = tiles.emplace_back(Tile{span.item, y, x, {}});
        for (int i = 0; i < kTile * kTile; ++i) {
          const int oy = y + i / kTile, ox = x + i % kTile;
          if (!rect.Holds(oy, ox)) continue;
          tile.outputs[i] = out + (oy - rect.y.start) * line + (ox - rect.x.start) * task.pitch;
        }
      }
    }
    out += rect.area() * task.pitch;
  }
  return tiles;
}

// Some tiles: transformed, multiplied, transformed back.
class TileGroup {
 public:
  TileGroup(const RowTask& task, const WinogradWeights& weights, int most)
      : task_(task),
        weights_(weights),
        source_(task.sources.front()),
        channels_(source_.channels),
        units_(task.output.units),
        // Not a power of two apart: caches would keep few of the points.
        input_apart_(ptrdiff_t{most} * channels_ + 16),
        output_apart_(ptrdiff_t{most} * units_ + 16) {
    Scratch& scratch = task.scratch;
    const auto floats = static_cast<size_t>(kPoints * (input_apart_ + output_apart_));
    if (scratch.transformed.size() < floats) scratch.transformed = AlignedFloats(floats);
    inputs_ = scratch.transformed.data();
    products_ = inputs_ + kPoints * input_apart_;
    // Beyond the image; what is not wanted is written there, too.
    const auto row = static_cast<size_t>(std::max(channels_, units_));
    zeros_ = scratch.Zeros(row);
    scratch.row.resize(row);
  }

  void Compute(const Tile* tiles, int count) const {
    for (int t = 0; t < count; ++t) TransformInput(tiles[t], t);
    MultiplyPoints(count);
    for (int t = 0; t < count; ++t) TransformOutput(tiles[t], t);
  }

 private:
  void TransformInput(const Tile& tile, int number) const {
    constexpr int kSide = 4;
    const float* rows[kPoints];
    for (int i = 0; i < kPoints; ++i) {
      const int y = tile.y - weights_.top + i / kSide, x = tile.x - weights_.left + i % kSide;
      const bool inside = y >= 0 && y < source_.height && x >= 0 && x < source_.width;
      rows[i] = inside ? source_.Row(tile.item, y, x) : zeros_;
    }
    task_.kernels.winograd_input(rows, channels_, inputs_ + ptrdiff_t{number} * channels_,
                                 input_apart_);
  }

  void MultiplyPoints(int count) const {
    std::vector<const float*>& pointers = task_.scratch.pointers;
    pointers.resize(At(count));
    RowProduct product;
    product.rows = pointers.data();
    product.count = count;
    product.runs = 1;
    product.length = channels_ / weights_.groups;
    product.stride = units_;
    for (int point = 0; point < kPoints; ++point) {
      const float* rows = inputs_ + point * input_apart_;
      for (int t = 0; t < count; ++t) pointers[At(t)] = rows + ptrdiff_t{t} * channels_;
      for (int group = 0; group < weights_.groups; ++group) {
        product.offset = ptrdiff_t{group} * product.length;
        product.out =
            products_ + point * output_apart_ + ptrdiff_t{group} * (units_ / weights_.groups);
        Multiply(task_.kernels, product, weights_.products[At(group * kPoints + point)]);
      }
    }
  }

  void TransformOutput(const Tile& tile, int number) const {
    WinogradOutput output = {products_ + ptrdiff_t{number} * units_,
                             output_apart_,
                             weights_.bias.data(),
                             units_,
                             task_.rectification,
                             {}};
    for (int i = 0; i < kTile * kTile; ++i) {
      output.out[i] = tile.outputs[i] != nullptr ? tile.outputs[i] : task_.scratch.row.data();
    }
    task_.kernels.winograd_output(output);
  }

  const RowTask& task_;
  const WinogradWeights& weights_;
  const RowSource& source_;
  const int channels_, units_;
  const ptrdiff_t input_apart_, output_apart_;  // floats from a point to the next
  const float* zeros_ = nullptr;
  float* inputs_ = nullptr;    // (points, tiles, channels)
  float* products_ = nullptr;  // (points, tiles, units)
};

}  // namespace

bool SuitsWinograd(const AnyKind& kind, const Shape& output) {
  const auto* c = kind.As<Convolution>();
  if (c == nullptr) return false;
  const auto is = [](const Extent& extent, int size) {
    return extent.y == size && extent.x == size;
  };
  if (!is(c->kernel, 3) || !is(c->stride, 1) || !is(c->dilation, 1)) return false;
  if (c->weight.size(1) < kFewestChannels || c->units / c->groups < kFewestChannels) return false;
  const int64_t tiles = int64_t{output.height + 1} / kTile * ((output.width + 1) / kTile);
  const int64_t products = tiles * kPoints, sums = int64_t{9} * output.height * output.width;
  return 4 * sums >= 5 * products;
}

std::shared_ptr<const WinogradWeights> PackWinograd(const AnyKind& kind,
                                                    const RowKernels& kernels) {
  const Convolution& c = *kind.As<Convolution>();
  const at::Tensor w = c.weight.to(at::kCPU).contiguous();
  const float* values = w.data_ptr<float>();
  const auto depth = static_cast<int>(w.size(1));
  const int columns = c.units / c.groups;
  constexpr double kFilter[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  WinogradWeights weights;
  weights.groups = c.groups;
  weights.top = c.padding.top;
  weights.left = c.padding.left;
  weights.bias.assign(At(c.units), 0.0f);
  if (c.bias.defined()) {
    const at::Tensor bias = c.bias.to(at::kCPU).contiguous();
    std::copy_n(bias.data_ptr<float>(), c.units, weights.bias.begin());
  }
  for (int group = 0; group < c.groups; ++group) {
    for (int point = 0; point < kPoints; ++point) {
      const double* by_y = kFilter[point / 4];
      const double* by_x = kFilter[point % 4];
      const auto transformed = [&](int column, int channel) {
        const float* filter =
            values + (int64_t{group * columns + column} * depth + channel) * int64_t{9};
        double sum = 0;
        for (int i = 0; i < 9; ++i) sum += by_y[i / 3] * by_x[i % 3] * filter[i];
        return static_cast<float>(sum);
      };
      weights.products.push_back(
          PackWeights(kernels, columns, depth, transformed, [](int) { return 0.0f; }));
    }
  }
  return std::make_shared<const WinogradWeights>(std::move(weights));
}

void ComputeWinograd(const RowTask& task, const WinogradWeights& weights) {
  const std::vector<Tile> tiles = TilesOf(task);
  if (tiles.empty()) return;
  const int64_t bytes =
      int64_t{sizeof(float)} * kPoints * (task.sources.front().channels + task.output.units);
  const auto count = static_cast<int>(tiles.size());
  const int most = static_cast<int>(std::max<int64_t>(kTileBytes / bytes, kFewestTiles));
  const int groups = (count + most - 1) / most, even = (count + groups - 1) / groups;
  const int together = (even + kTilesAtOnce - 1) / kTilesAtOnce * kTilesAtOnce;
  const TileGroup group(task, weights, together);
  for (int first = 0; first < count; first += together) {
    group.Compute(tiles.data() + first, std::min(together, count - first));
  }
}

}  // namespace netdissect
