#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance (biased) being those of
/// a group of channels at all positions: of each channel with as many groups as channels (instance
/// normalisation), of everything with one.
struct GroupNorm : GlobalKind {
  int groups = 1;
  float epsilon = 1e-5f;
  at::Tensor scale;  // (C), or undefined
  at::Tensor shift;  // (C), or undefined

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  bool HasRows(const std::vector<Shape>& inputs) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
