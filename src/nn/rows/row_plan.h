#pragma once
// Which layers are computed by rows, in which channels: no positions, no weights, no memory. Whole
// images and windows of them follow the same plan.

#include <vector>

#include "netdissect/nn/network.h"
#include "nn/kinds/window.h"
#include "nn/rows/channels.h"
#include "nn/rows/row_kernels.h"

namespace netdissect {

struct RowStep {
  int layer = 0;   // what is computed
  int output = 0;  // the layer whose values are stored: a rectification that follows is done on the
                   // way
  std::vector<ChannelRun> runs;  // of the layer's channels
  std::vector<Reach> reaches;    // of the layer, into each of its inputs
  Rectification rectification;   // of the output, where it is another layer
};

struct RowPlan {
  std::vector<RowStep> steps;        // layers below any that has no rows
  std::vector<int> upper;            // layers that have none, and what stands on them: computed
                                     // whole
  std::vector<int> boundary;         // stored layers that `upper` reads
  std::vector<ChannelRun> channels;  // by layer: hull of what is wanted
};

/// What the kernels can do on the way while they compute `below`, where `above` is a rectification
/// of it, perhaps cut off above (a clip from 0 on); not done where it is anything else.
Rectification DoneOnTheWay(const Network& network, int above, int below);

/// What a layer sees of each of its inputs.
std::vector<Reach> ReachesOf(const Network& network, int layer);

/// Which layers are steps: those whose kinds have rows, below any that has none; or all.
enum class StepsOf { kRows, kAll };

/// `wanted`: by layer, which channels are asked for; empty where none is.
RowPlan PlanRows(const Network& network, const std::vector<std::vector<char>>& wanted,
                 StepsOf steps = StepsOf::kRows);

}  // namespace netdissect
