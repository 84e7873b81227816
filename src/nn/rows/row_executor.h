#pragma once
// Computes the layers of a plan on the CPU, by the processor's kernels: on whole images, or on
// windows of images that differ from another one in places. Whatever the windows, an output's
// sum is taken in the same order, so that equal inputs give equal outputs to the bit.

#include <ATen/core/Tensor.h>

#include <map>
#include <vector>

#include "nn/rows/kernel_choice.h"
#include "nn/rows/row_plan.h"
#include "nn/rows/row_task.h"

namespace netdissect {

/// A plan with the weights that its steps multiply by.
struct PackedPlan {
  const RowPlan& plan;
  std::vector<std::vector<PackedRun>> runs;  // by step
  int64_t bytes = 0;                         // of weights that this plan alone holds
};

class RowExecutor {
 public:
  /// Of a network on the CPU, which must outlive the executor.
  explicit RowExecutor(const Network& network, const RowKernels& kernels = Kernels());

  /// Packs what was not packed before. `plan` must outlive the result.
  PackedPlan Pack(const RowPlan& plan);

  /// Bytes of packed weights that are kept for all plans and passes.
  int64_t bytes() const;

  /// Where a step's layer is read from; `windows` by layer, or none.
  std::vector<RowSource> SourcesOf(const RowStep& step, const BaseMaps& base,
                                   const std::vector<Windows>* windows) const;
  RowSource SourceOf(int layer, const BaseMaps& base, const std::vector<Windows>* windows) const;

  /// Writes the rows of step number `step` for `spans` to `out`, of the channels that are wanted.
  /// `unchanged`: see UnchangedOf; none: all is computed anew.
  void Compute(const PackedPlan& packed, size_t step, const std::vector<RowSource>& sources,
               const std::vector<Span>& spans, const float* unchanged, float* out,
               Scratch& scratch) const;

  /// The rows that changes are added to where a step's kind does so; null where it does not.
  const float* UnchangedOf(const RowStep& step, const BaseMaps& base) const;

  /// Whether a step's layer is kept for UnchangedOf beside the rectified output.
  bool IsKeptBefore(const RowStep& step) const;

  /// All positions of all steps for one image (C, H, W), on as many threads as there is scratch.
  /// Holds the outputs, and the layers that are kept before they are rectified.
  BaseMaps ComputeWhole(const PackedPlan& packed, const at::Tensor& image,
                        std::vector<Scratch>& scratch) const;

  /// The layers above, whole. `values`, by layer, (N, C, H, W), holds the plan's boundary; it is
  /// left with those of `wanted` that are above or in the boundary.
  void EvaluateUpper(const RowPlan& plan, const std::vector<int>& wanted,
                     std::map<int, at::Tensor>& values) const;

 private:
  // Without rectification, all anew.
  RowTask TaskOf(const PackedPlan& packed, size_t step, const std::vector<RowSource>& sources,
                 const std::vector<Span>& spans, float* out, Scratch& scratch) const;

  const Network& network_;
  const RowKernels& kernels_;
};

}  // namespace netdissect
