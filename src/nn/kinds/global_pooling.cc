#include "nn/kinds/global_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/amax.h>

#include "nn/kinds/shape_check.h"

namespace netdissect {

std::string GlobalAveragePooling::Name() const { return "global average pooling"; }
void GlobalAveragePooling::Visit(ParameterVisitor& /*visitor*/) {}

Shape GlobalAveragePooling::OutputShape(const std::vector<Shape>& inputs) const {
  return {OnlyInput(inputs).units, 1, 1};
}

at::Tensor GlobalAveragePooling::Evaluate(std::vector<at::Tensor> inputs,
                                          const Shape& /*output*/) const {
  return inputs.front().mean({2, 3}, true);
}

Recording GlobalAveragePooling::RecordedAs() const { return Recording::kAlways; }

std::string GlobalMaxPooling::Name() const { return "global max pooling"; }
void GlobalMaxPooling::Visit(ParameterVisitor& /*visitor*/) {}

Shape GlobalMaxPooling::OutputShape(const std::vector<Shape>& inputs) const {
  return {OnlyInput(inputs).units, 1, 1};
}

at::Tensor GlobalMaxPooling::Evaluate(std::vector<at::Tensor> inputs,
                                      const Shape& /*output*/) const {
  return at::amax(inputs.front(), {2, 3}, true);
}

Recording GlobalMaxPooling::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
