#pragma once
// Families of kinds: what follows from what a kind's outputs depend on.

#include "nn/kinds/kind.h"

namespace netdissect {

/// Of a layer without weights to multiply by: all channels in one run. Tiles are computed as whole
/// maps are, of which they are some unless a kind says more.
class PlainKind : public LayerKind {
 public:
  bool HasRows(const std::vector<Shape>& inputs) const override;
  int64_t MultiplyAdds(int64_t channels, int64_t positions) const override;
  std::vector<ChannelRun> Divide(const std::vector<char>& wanted) const override;
  std::shared_ptr<const PackedWeights> Pack(const ChannelRun& run,
                                            const RowKernels& kernels) const override;
  std::optional<Window> SummedWindow() const override;
  std::optional<float> Surroundings() const override;
  at::Tensor EvaluateTiles(TileTask task) const override;
};

/// Each output depends on the inputs at its own position.
class PositionwiseKind : public PlainKind {
 public:
  Reach GetReach(const Shape& input, const Shape& output) const override;
  std::optional<float> Surroundings() const override;
};

/// Each output depends on the inputs at its own position and channel.
class ChannelwiseKind : public PositionwiseKind {
 public:
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
};

/// Combines tensors element by element. Along each of channels, height and width an input has the
/// output's size or 1, which then is the value everywhere.
class ElementwiseKind : public PlainKind {
 public:
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  std::optional<float> Surroundings() const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
};

/// Each output depends on the inputs at all positions, and there are no rows of it.
class GlobalKind : public PlainKind {
 public:
  Reach GetReach(const Shape& input, const Shape& output) const override;
  void MarkChannels(const std::vector<char>& wanted,
                    const std::vector<std::vector<char>*>& inputs) const override;
  bool HasRows(const std::vector<Shape>& inputs) const override;
  void ComputeRows(const RowTask& task) const override;
};

}  // namespace netdissect
