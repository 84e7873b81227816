#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// scale * x + shift for each channel: batch normalisation and scale layers, folded into one; where
/// it follows a convolution or inner product, into that (nn/fold.h).
struct Affine : ChannelwiseKind {
  at::Tensor scale;  // (C)
  at::Tensor shift;  // (C)

  Affine() = default;
  Affine(at::Tensor a, at::Tensor b) : scale(std::move(a)), shift(std::move(b)) {}

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
