#pragma once
// Tensors of which some channels are computed.

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <vector>

#include "nn/rows/channels.h"

namespace netdissect {

/// Whether the runs are all of `units` channels.
bool AreAll(const std::vector<ChannelRun>& runs, int units);

/// (N, units, h, w) of what `compute(run)` (N, run.count, h, w) gives for each run, in order; 0 in
/// between.
template <typename Compute>
at::Tensor JoinRuns(const std::vector<ChannelRun>& runs, int units, const Compute& compute) {
  std::vector<at::Tensor> parts;
  int next = 0;  // channel
  const auto leave_out = [&](int end, const at::Tensor& like) {
    if (end == next) return;
    parts.push_back(
        at::zeros({like.size(0), end - next, like.size(2), like.size(3)}, like.options()));
  };
  for (const ChannelRun& run : runs) {
    at::Tensor part = compute(run);
    leave_out(run.first, part);
    parts.push_back(std::move(part));
    next = run.first + run.count;
  }
  leave_out(units, parts.back());
  return at::cat(parts, 1);
}

}  // namespace netdissect
