#include "nn/tiles/compute_tiles.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "nn/kinds/kind.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {

bool NeedsWholeMaps(const Network& network, const RowStep& step) {
  return !network.layer(step.layer).kind->Surroundings().has_value();
}

std::vector<ChannelRun> RunsOfTiles(const Network& network, const RowStep& step) {
  constexpr size_t kMost = 4;  // beyond it all channels cost less than so many operations
  std::vector<ChannelRun> runs = step.runs;
  runs.erase(std::remove_if(runs.begin(), runs.end(),
                            [](const ChannelRun& run) { return run.count == 0; }),
             runs.end());
  if (runs.size() <= kMost) return runs;
  return {{0, network.layer(step.layer).shape.units}};
}

void ComputeTiles(const Network& network, const RowStep& step, const Tiles& tiles,
                  std::vector<TileMap>& maps) {
  const Layer& layer = network.layer(step.layer);
  const std::optional<float> surroundings = layer.kind->Surroundings();
  const std::vector<ChannelRun> runs = RunsOfTiles(network, step);
  TileTask task{{}, {}, layer.shape, tiles, runs};
  for (size_t k = 0; k < layer.inputs.size(); ++k) {
    const Shape& shape = network.layer(layer.inputs[k]).shape;
    const Tiles seen = surroundings ? SeenBy(tiles, step.reaches[k])
                                    : WholeTiles(shape, tiles.items(), network.device());
    task.inputs.push_back(maps[At(layer.inputs[k])].Read(seen, surroundings.value_or(0)));
    task.shapes.push_back(shape);
  }
  const Shape shape = task.shape();
  at::Tensor result = layer.kind->EvaluateTiles(std::move(task));
  if (step.output != step.layer) {  // a rectification, which overwrites what nobody else has
    std::vector<at::Tensor> below;
    below.push_back(std::move(result));
    result = network.layer(step.output).kind->Evaluate(std::move(below), shape);
  }
  maps[At(step.output)].Set(tiles, result);
}

}  // namespace netdissect
