#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Output channel i is input channel channels[i]: slices, splits and shuffles of channels.
struct ChannelSelection : PositionwiseKind {
  std::vector<int> channels;

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
