#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <limits>

#include "nn/kinds/kind.h"
#include "nn/random_network.h"
#include "nn/tiles/compute_tiles.h"

namespace netdissect {
namespace {

Tiles TilesAt(int height, int width, const std::vector<int64_t>& y, const std::vector<int64_t>& x) {
  return {height, width, y, x, at::tensor(y, at::kLong), at::tensor(x, at::kLong)};
}

// Item by item and position by position: from the item's tile, else from the map, else beyond.
TEST(TileMap, ReadsTilesOverTheBase) {
  at::manual_seed(1);
  const Shape shape = {5, 7, 9};
  const at::Tensor base = at::randn({1, 5, 7, 9});
  const Tiles tiles = TilesAt(2, 3, {0, 5, 3}, {6, 0, 4});
  const at::Tensor values = at::randn({3, 5, 2, 3});
  TileMap map(shape, BaseRows(base));
  const auto expect = [&](const Tiles& wanted, float surroundings, bool changed) {
    const at::Tensor found = map.Read(wanted, surroundings);
    ASSERT_EQ(found.sizes(), at::IntArrayRef({3, 5, wanted.height, wanted.width}));
    for (int n = 0; n < 3; ++n) {
      const auto item = static_cast<size_t>(n);
      for (int c = 0; c < 5; ++c) {
        for (int i = 0; i < wanted.height; ++i) {
          for (int j = 0; j < wanted.width; ++j) {
            const int64_t y = wanted.y[item] + i, x = wanted.x[item] + j;
            const int64_t ty = y - tiles.y[item], tx = x - tiles.x[item];
            const bool in_tile = changed && ty >= 0 && ty < 2 && tx >= 0 && tx < 3;
            const bool in_map = y >= 0 && y < 7 && x >= 0 && x < 9;
            const float expected = in_tile  ? values[n][c][ty][tx].item<float>()
                                   : in_map ? base[0][c][y][x].item<float>()
                                            : surroundings;
            EXPECT_EQ(found[n][c][i][j].item<float>(), expected) << n << " " << y << " " << x;
          }
        }
      }
    }
  };
  const Tiles around = TilesAt(5, 6, {-2, 4, 1}, {5, -3, 2});
  const float lowest = -std::numeric_limits<float>::infinity();
  expect(around, 0, false);
  map.Set(tiles, values);
  expect(tiles, 0, true);
  expect(around, 0, true);
  expect(around, lowest, true);
  expect(TilesAt(2, 2, {5, 5, 0}, {0, 0, 7}), 0, true);
  expect(WholeTiles(shape, 3, at::kCPU), 0, true);
  map.Clear();
  expect(around, lowest, false);
}

// Tiles of every kind of layer are what its whole map holds there.
TEST(ComputeTiles, ComputesWhatWholeMapsHold) {
  int64_t steps = 0, whole = 0, part_of_channels = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Network network = RandomNetwork(seed, 31, 8, seed % 3 == 0);
    const at::Tensor image = at::randn({1, 3, 31, 31});
    std::vector<int> all;
    for (int i = 0; i < network.size(); ++i) all.push_back(i);
    Network by_operators = network;
    by_operators.SetForward(ForwardBy::kLibTorch);
    const std::vector<at::Tensor> outputs = by_operators.Forward(image, all);
    std::vector<TileMap> maps;
    for (int i : all) maps.emplace_back(network.layer(i).shape, BaseRows(outputs[At(i)]));
    std::vector<std::vector<char>> wanted(outputs.size());
    // Some channels, or all.
    wanted.back().assign(At(network.layers().back().shape.units), seed % 2 == 0 ? 1 : 0);
    wanted.back()[0] = 1;
    Random random(seed, 3);
    const auto below = [&](int n) {
      return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
    };
    for (const RowStep& step : PlanRows(network, wanted, StepsOf::kAll).steps) {
      if (RunsOfTiles(network, step).empty()) continue;
      const Shape& shape = network.layer(step.output).shape;
      Tiles tiles = WholeTiles(shape, 3, at::kCPU);
      ++steps;
      if (NeedsWholeMaps(network, step)) {
        ++whole;
      } else {
        const int height = 1 + below(shape.height), width = 1 + below(shape.width);
        std::vector<int64_t> y, x;
        for (int n = 0; n < 3; ++n) {
          y.push_back(below(shape.height - height + 1));
          x.push_back(below(shape.width - width + 1));
        }
        tiles = TilesAt(height, width, y, x);
      }
      ComputeTiles(network, step, tiles, maps);
      TileMap& map = maps[At(step.output)];
      ASSERT_FALSE(map.is_base());
      const at::Tensor found = map.Read(tiles, 0);
      const at::Tensor& expected = outputs[At(step.output)];
      const double scale = expected.abs().max().item<double>();
      for (int n = 0; n < 3; ++n) {
        const auto item = static_cast<size_t>(n);
        const at::Tensor part = expected[0]
                                    .narrow(1, tiles.y[item], tiles.height)
                                    .narrow(2, tiles.x[item], tiles.width);
        ASSERT_EQ(found[n].sizes(), part.sizes());
        for (const ChannelRun& run : step.runs) {
          const at::Tensor difference = (found[n] - part).narrow(0, run.first, run.count);
          EXPECT_LE(difference.abs().max().item<double>(), 2e-6 * scale)
              << "seed " << seed << ", layer " << network.layer(step.layer).name << ", "
              << network.layer(step.layer).kind->Name();
          part_of_channels += run.count < expected.size(1) ? 1 : 0;
        }
      }
      map.Clear();
    }
  }
  EXPECT_GT(whole, 10);
  EXPECT_GT(steps, 4 * whole);
  EXPECT_GT(part_of_channels, 100);
}

}  // namespace
}  // namespace netdissect
