#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// The positions start + step * i, for i below size.
struct Crop : ChannelwiseKind {
  Extent start{0, 0};
  Extent step;
  Extent size;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  std::optional<float> Surroundings() const override;
  at::Tensor EvaluateTiles(TileTask task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
