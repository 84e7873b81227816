#include "probe/program.h"

#include <algorithm>

#include "nn/kinds/kind.h"
#include "nn/rows/row_changes.h"

namespace netdissect {

namespace {

std::vector<std::vector<int>> LayersDone(const Network& network, const Program& program) {
  const std::vector<RowStep>& steps = program.plan.steps;
  std::vector<int> last_reader(At(network.size()), -1);
  for (size_t s = 0; s < steps.size(); ++s) {
    for (int input : network.layer(steps[s].layer).inputs) {
      last_reader[At(input)] = static_cast<int>(s);
    }
  }
  // Read after the last step.
  for (const UnitPosition& unit : program.units) last_reader[At(unit.layer)] = -1;
  for (int layer : program.plan.boundary) last_reader[At(layer)] = -1;
  std::vector<std::vector<int>> done(steps.size());
  for (int layer = 0; layer < network.size(); ++layer) {
    if (last_reader[At(layer)] >= 0) done[At(last_reader[At(layer)])].push_back(layer);
  }
  return done;
}

// By layer; what a step stores and what it computes alike.
std::vector<Rect> LayersReachedBy(const Network& network, const Program& program,
                                  const Rect& patch) {
  std::vector<Rect> reached(At(network.size()));
  reached[0] = program.See(0, patch);
  for (const RowStep& step : program.plan.steps) {
    const Rect rect =
        ReachOf(network, program, step, [&](int layer) { return reached[At(layer)]; });
    reached[At(step.layer)] = reached[At(step.output)] = rect;
  }
  return reached;
}

}  // namespace

Program Compile(const Network& network, const std::vector<UnitPosition>& units, StepsOf steps) {
  Program program;
  program.units = units;
  std::vector<std::vector<char>> channels(At(network.size()));
  std::vector<int> wanted;
  for (const UnitPosition& unit : units) {
    channels[At(unit.layer)].resize(At(network.layer(unit.layer).shape.units), 0);
    channels[At(unit.layer)][At(unit.unit)] = 1;
    wanted.push_back(unit.layer);
  }
  program.plan = PlanRows(network, channels, steps);
  program.done = LayersDone(network, program);

  // What the units see, from above to below.
  program.sight.resize(At(network.size()));
  const auto add_sight = [&](int layer, const Rect& rect) {
    std::vector<Rect>& sight = program.sight[At(layer)];
    if (rect.empty() || std::find(sight.begin(), sight.end(), rect) != sight.end()) return;
    sight.push_back(rect);
  };
  for (const UnitPosition& unit : units) {
    add_sight(unit.layer, {{unit.y, unit.y}, {unit.x, unit.x}});
  }
  std::vector<char> upper(At(network.size()), 0);
  for (int layer : program.plan.upper) upper[At(layer)] = 1;
  const std::vector<int> needed = network.Needed(wanted);
  for (auto it = needed.rbegin(); it != needed.rend(); ++it) {
    const Layer& layer = network.layer(*it);
    const std::vector<Reach> reaches = ReachesOf(network, *it);
    for (size_t k = 0; k < layer.inputs.size(); ++k) {
      const int input = layer.inputs[k];
      const Shape& shape = network.layer(input).shape;
      if (upper[At(*it)] != 0) {
        add_sight(input, WholeOf(shape));
        continue;
      }
      for (const Rect& rect : program.sight[At(*it)]) {
        add_sight(input, BackwardCone(reaches[k], rect, shape));
      }
    }
  }
  return program;
}

RowPlan PlanWhole(const Network& network, const std::vector<UnitPosition>& units, StepsOf steps) {
  std::vector<std::vector<char>> channels(At(network.size()));
  for (const UnitPosition& unit : units) {
    channels[At(unit.layer)].assign(At(network.layer(unit.layer).shape.units), 1);
  }
  return PlanRows(network, channels, steps);
}

std::vector<Rect> ReachedBy(const Network& network, const Program& program, const Rect& patch) {
  const std::vector<Rect> reached = LayersReachedBy(network, program, patch);
  std::vector<Rect> by_step;
  for (const RowStep& step : program.plan.steps) by_step.push_back(reached[At(step.output)]);
  return by_step;
}

int64_t CountMultiplyAdds(const Network& network, const Program& program, const Rect& patch) {
  const std::vector<Rect> reached = LayersReachedBy(network, program, patch);
  int64_t macs = 0;
  for (const RowStep& step : program.plan.steps) {
    const Layer& layer = network.layer(step.layer);
    const Rect& rect = reached[At(step.output)];
    // Positions, or the parts of them that are taps on what has changed.
    int64_t positions = rect.area(), parts = 1;
    if (const std::optional<Window> window = layer.kind->SummedWindow()) {
      const Rect& changed = reached[At(layer.inputs.front())];
      positions = CountTaps(window->y, rect.y, changed.y) * CountTaps(window->x, rect.x, changed.x);
      parts = int64_t{window->y.kernel} * window->x.kernel;
    }
    for (const ChannelRun& run : step.runs) {
      macs += layer.kind->MultiplyAdds(run.count, 1) / parts * positions;
    }
  }
  return macs;
}

}  // namespace netdissect
