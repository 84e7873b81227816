#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Positions around the input: of one value, or of the input's, mirrored at its border (which is
/// not repeated) or its border going on.
struct Pad : ChannelwiseKind {
  enum class Mode { kConstant, kReflect, kReplicate };
  Mode mode = Mode::kConstant;
  Padding padding;
  float value = 0;  // of kConstant

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
