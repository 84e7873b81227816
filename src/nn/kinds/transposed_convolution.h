#pragma once

#include "nn/kinds/kind.h"

namespace netdissect {

/// Every input position adds its window of weights to the output at position * stride - padding:
/// the gradient of a Convolution, also called deconvolution. The output has
/// (input - 1) * stride - padding + dilation * (kernel - 1) + 1 + output padding positions.
struct TransposedConvolution : LayerKind {
  int units = 0;
  at::Tensor weight;  // (C, units / groups, kernel.y, kernel.x)
  at::Tensor bias;    // (units), or undefined
  Extent kernel, stride, dilation;
  Padding padding;
  Extent output_padding{0, 0};  // positions more at the end
  int groups = 1;

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  int64_t MultiplyAdds(int64_t channels, int64_t positions) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  bool HasRows(const std::vector<Shape>& inputs) const override;
  std::vector<ChannelRun> Divide(const std::vector<char>& wanted) const override;
  std::shared_ptr<const PackedWeights> Pack(const ChannelRun& run,
                                            const RowKernels& kernels) const override;
  void ComputeRows(const RowTask& task) const override;
  std::optional<Window> SummedWindow() const override;
  std::optional<float> Surroundings() const override;
  at::Tensor EvaluateTiles(TileTask task) const override;
  Recording RecordedAs() const override;

 private:
  at::Tensor Spread(const at::Tensor& input, const at::Tensor& weights, const at::Tensor& biases,
                    int in_groups, const Shape& output) const;
};

}  // namespace netdissect
