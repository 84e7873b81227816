#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// A window that reaches beyond input and padding (ceiling mode) is cut off there. Maxima never see
/// padding (that of a dilated window without a tap inside is -infinity); averages divide by the
/// window's cells inside the padded input (`count_padding`, Caffe) or inside the input alone.
struct Pooling : PlainKind {
  enum class Method { kMax, kAverage };
  Method method = Method::kMax;
  Extent kernel, stride, dilation;
  Padding padding;
  bool ceil = false;  // output size rounded up: Caffe; a last window that would begin in the
                      // trailing padding is left out
  bool count_padding = true;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  std::optional<float> Surroundings() const override;
  at::Tensor EvaluateTiles(TileTask task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
