#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Of the flattened input, in (C, H, W) order.
struct InnerProduct : GlobalKind {
  int units = 0;
  at::Tensor weight;  // (units, C * H * W)
  at::Tensor bias;    // (units), or undefined

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  int64_t MultiplyAdds(int64_t channels, int64_t positions) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  bool HasRows(const std::vector<Shape>& inputs) const override;  // of one position
  std::vector<ChannelRun> Divide(const std::vector<char>& wanted) const override;
  std::shared_ptr<const PackedWeights> Pack(const ChannelRun& run,
                                            const RowKernels& kernels) const override;
  void ComputeRows(const RowTask& task) const override;
  at::Tensor EvaluateTiles(TileTask task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
