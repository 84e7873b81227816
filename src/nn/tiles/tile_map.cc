#include "nn/tiles/tile_map.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>

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

at::Tensor AreWithin(const at::Tensor& places, int size) {
  return (places >= 0).logical_and_(places < size);
}

// (N, h, w) of (N, h) and (N, w).
at::Tensor BothOf(const at::Tensor& rows, const at::Tensor& columns) {
  return rows.unsqueeze(2).logical_and(columns.unsqueeze(1));
}

at::Tensor SumOf(const at::Tensor& rows, const at::Tensor& columns) {
  return rows.unsqueeze(2) + columns.unsqueeze(1);
}

}  // namespace

at::Tensor BaseRows(const at::Tensor& map) {
  const at::Tensor rows = RowsOf(map);
  at::Tensor base = at::empty({rows.size(0) + 1, rows.size(1)}, rows.options());
  base.narrow(0, 0, rows.size(0)).copy_(rows);
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
  rows_.select(0, base_.size(0) - 1).fill_(surroundings);
  return MapsOf(rows_.index_select(0, RowNumbers(wanted).flatten()), wanted);
}

// (N, h, w): where the wanted positions are among the rows.
at::Tensor TileMap::RowNumbers(const Tiles& wanted) const {
  const at::Tensor y = wanted.Rows(), x = wanted.Columns();
  const at::Tensor inside = BothOf(AreWithin(y, shape_.height), AreWithin(x, shape_.width));
  const at::Tensor beyond = at::empty({}, y.options()).fill_(base_.size(0) - 1);
  const at::Tensor of_base = at::where(inside, SumOf(y * shape_.width, x), beyond);
  if (is_base()) return of_base;
  // The same in the tiles, which follow the base one after the other.
  const at::Tensor tile_y = y - tiles_.first_y.unsqueeze(1);
  const at::Tensor tile_x = x - tiles_.first_x.unsqueeze(1);
  const at::Tensor changed =
      BothOf(AreWithin(tile_y, tiles_.height), AreWithin(tile_x, tiles_.width));
  const at::Tensor item_rows =
      at::arange(wanted.items(), y.options()) * (int64_t{tiles_.height} * tiles_.width) +
      base_.size(0);
  return at::where(changed, SumOf(tile_y * tiles_.width + item_rows.unsqueeze(1), tile_x), of_base);
}

}  // namespace netdissect
