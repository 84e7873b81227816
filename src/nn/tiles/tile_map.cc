#include "nn/tiles/tile_map.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/maximum.h>

namespace netdissect {
namespace {

// (N * H * W, C) of (N, C, H, W).
at::Tensor RowsOf(const at::Tensor& maps) {
  return maps.permute({0, 2, 3, 1}).reshape({-1, maps.size(1)});
}

// The same back.
at::Tensor MapsOf(const at::Tensor& rows, const Tiles& tiles) {
  return rows.view({tiles.items(), tiles.height, tiles.width, rows.size(1)}).permute({0, 3, 1, 2});
}

// What rows of positions outside of a map or tile are numbered by: below all, of two axes together
// too.
constexpr int64_t kNone = -(int64_t{1} << 40);

// Along one axis: `apart` rows from place to place of those in 0 ... size - 1.
at::Tensor Numbers(const at::Tensor& places, int size, int64_t apart) {
  const at::Tensor outside = (places < 0).logical_or_(places >= size);
  return (places * apart).masked_fill_(outside, kNone);
}

// (N, h, w) of (N, h) and (N, w).
at::Tensor Sum(const at::Tensor& rows, const at::Tensor& columns) {
  return rows.unsqueeze(2) + columns.unsqueeze(1);
}

}  // namespace

at::Tensor BaseRows(const at::Tensor& map) {
  const at::Tensor rows = RowsOf(map);
  at::Tensor base = at::empty({1 + rows.size(0), rows.size(1)}, rows.options());
  base.narrow(0, 1, rows.size(0)).copy_(rows);
  return base;
}

void TileMap::Clear() {
  tiles_ = {};
  values_.reset();
  rows_.reset();
}

void TileMap::Set(Tiles tiles, const at::Tensor& values) {
  tiles_ = std::move(tiles);
  values_ = RowsOf(values);
  rows_.reset();
}

at::Tensor TileMap::Read(const Tiles& wanted, float surroundings) {
  if (!is_base() && wanted == tiles_) return MapsOf(values_, wanted);
  if (!rows_.defined()) {
    if (is_base()) {
      rows_ = base_;
    } else {
      rows_ = at::cat({base_, values_});
      values_ = rows_.narrow(0, base_.size(0), values_.size(0));
    }
  }
  rows_.select(0, 0).fill_(surroundings);
  return MapsOf(rows_.index_select(0, RowNumbers(wanted).flatten()), wanted);
}

// (N, h, w): where the wanted positions are among the rows. The base's follow what lies beyond the
// borders, the tiles' follow the base's: of the places where a position is, the last is its.
at::Tensor TileMap::RowNumbers(const Tiles& wanted) const {
  const at::Tensor y = wanted.Rows(), x = wanted.Columns();
  at::Tensor numbers =
      Sum(Numbers(y, shape_.height, shape_.width), Numbers(x, shape_.width, 1) + 1);
  if (!is_base()) {
    const at::Tensor tile_y = y - tiles_.first_y.unsqueeze(1);
    const at::Tensor tile_x = x - tiles_.first_x.unsqueeze(1);
    const at::Tensor first =
        at::arange(wanted.items(), y.options()) * (int64_t{tiles_.height} * tiles_.width) +
        base_.size(0);
    numbers =
        at::maximum(numbers, Sum(Numbers(tile_y, tiles_.height, tiles_.width) + first.unsqueeze(1),
                                 Numbers(tile_x, tiles_.width, 1)));
  }
  return numbers.clamp_min_(0);
}

}  // namespace netdissect
