#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// The operator of this name of ONNX (opset 11 to 18, without smoothing): output position o lies at
/// input coordinate
///
///   half pixel          (o + 1/2) / scale - 1/2
///   pytorch half pixel  the same; 0 where the output has one position
///   asymmetric          o / scale
///   align corners       o (input - 1) / (output - 1); 0 where the output has one position
///
/// along each axis, scale being output / input or what the file says. Nearest takes the position
/// that `rounding` gives, linear weighs the two around, cubic the four around (Keys' kernel with
/// `cubic_a`); beyond the input its border goes on.
struct Resize : ChannelwiseKind {
  enum class Method { kNearest, kLinear, kCubic };
  enum class Coordinates { kHalfPixel, kPytorchHalfPixel, kAsymmetric, kAlignCorners };
  enum class Rounding { kFloor, kRoundPreferFloor, kRoundPreferCeil, kCeil };
  Method method = Method::kNearest;
  Extent size;  // of the output
  Coordinates coordinates = Coordinates::kHalfPixel;
  Rounding rounding = Rounding::kRoundPreferFloor;  // of kNearest
  float scale_y = 0, scale_x = 0;                   // output / input; 0: as the sizes are
  float cubic_a = -0.75f;                           // of kCubic

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  Shape OutputShape(const std::vector<Shape>& inputs) const override;
  Reach GetReach(const Shape& input, const Shape& output) const override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  std::optional<float> Surroundings() const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
