#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// Over the channels of each position, to (1, H, W).
struct ChannelReduction : PositionwiseKind {
  enum class Method { kMean, kMax, kSum, kMin, kNorm2 };
  Method method = Method::kMean;

  ChannelReduction() = default;
  explicit ChannelReduction(Method m) : method(m) {}

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
