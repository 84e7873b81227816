#include "nn/tiles/tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

namespace netdissect {
namespace {

at::Tensor Following(const at::Tensor& first, int count) {
  return first.unsqueeze(1) + at::arange(count, first.options());
}

}  // namespace

at::Tensor Tiles::Rows() const { return Following(first_y, height); }
at::Tensor Tiles::Columns() const { return Following(first_x, width); }

bool operator==(const Tiles& a, const Tiles& b) {
  return a.height == b.height && a.width == b.width && a.y == b.y && a.x == b.x;
}

Tiles WholeTiles(const Shape& shape, int64_t items, const at::Device& device) {
  const std::vector<int64_t> nowhere(static_cast<size_t>(items), 0);
  const at::Tensor first = at::zeros({items}, at::TensorOptions(device).dtype(at::kLong));
  return {shape.height, shape.width, nowhere, nowhere, first, first};
}

Extent ExtentSeenBy(int height, int width, const Reach& reach) {
  const auto along = [](const AxisReach& axis, int size) {
    return static_cast<int>((size - 1) * axis.step + axis.size());
  };
  return {along(reach.y, height), along(reach.x, width)};
}

Tiles SeenBy(const Tiles& tiles, const Reach& reach) {
  if (reach.position()) return tiles;
  Tiles seen = tiles;
  const Extent extent = ExtentSeenBy(tiles.height, tiles.width, reach);
  seen.height = extent.y;
  seen.width = extent.x;
  for (int64_t& y : seen.y) y = reach.y.first(y);
  for (int64_t& x : seen.x) x = reach.x.first(x);
  seen.first_y = tiles.first_y * reach.y.step + reach.y.low;
  seen.first_x = tiles.first_x * reach.x.step + reach.x.low;
  return seen;
}

}  // namespace netdissect
