#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Layer normalisation over the channels of each position: (x - mean) / sqrt(variance + epsilon)
/// * scale + shift, the variance being the mean of squares (biased).
struct ChannelNorm : PositionwiseKind {
  float epsilon = 1e-6f;
  at::Tensor scale;  // (C), or undefined
  at::Tensor shift;  // (C), or undefined

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
