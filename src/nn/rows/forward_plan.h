#pragma once
// A forward pass by the row kernels before it is run: what is computed, in which order, and where
// it is stored. The same for every batch.

#include <memory>
#include <vector>

#include "netdissect/nn/network.h"
#include "nn/rows/row_task.h"
#include "nn/rows/winograd.h"

namespace netdissect {

struct ForwardStep {
  int layer = 0;   // what is computed
  int output = 0;  // the layer whose values are stored: a rectification is done on the way
  bool by_rows = false;
  bool in_place = false;  // a concatenation whose inputs were written into it
  std::vector<PackedRun> runs;
  std::shared_ptr<const WinogradWeights> winograd;  // what takes the place of `runs`, or nothing
  Rectification rectification;
};

/// Where a layer's values are: their first channel within another layer's.
struct Home {
  int layer = 0, channel = 0;
};

struct ForwardPlan {
  std::vector<ForwardStep> steps;
  // By layer.
  std::vector<Home> homes;        // of those that are an output of a step
  std::vector<int> readers;       // how many layers read it
  std::vector<int> first_writer;  // the first step that writes into it
  std::vector<int> last_user;     // the last step that makes or reads it; -1: none
};

/// What is needed for the layers `wanted`, whose values are stored where nothing else is, where the
/// layers `given` are known. Packs weights that were not packed before. Error where a layer that is
/// needed stands on the input, which is not given.
ForwardPlan PlanForward(const Network& network, const std::vector<int>& given,
                        const std::vector<int>& wanted, const RowKernels& kernels);

}  // namespace netdissect
