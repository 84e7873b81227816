#include "nn/kinds/inner_product.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/linear.h>

#include "nn/kinds/shape_check.h"

namespace netdissect {

std::string InnerProduct::Name() const { return "inner product"; }

void InnerProduct::Visit(ParameterVisitor& visitor) {
  visitor.Visit("units", nullptr, &units);
  visitor.VisitWeight("weight", weight);
  visitor.VisitWeight("bias", bias);
}

Shape InnerProduct::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("units", units);
  RequireWeight("weight", weight, {units, int64_t{in.units} * in.height * in.width});
  if (bias.defined()) RequireWeight("bias", bias, {units});
  return {units, 1, 1};
}

int64_t InnerProduct::MultiplyAdds(int64_t channels, int64_t positions) const {
  return channels * positions * weight.size(1);
}

at::Tensor InnerProduct::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  return at::linear(x.flatten(1), weight, bias).view({x.size(0), units, 1, 1});
}

Recording InnerProduct::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
