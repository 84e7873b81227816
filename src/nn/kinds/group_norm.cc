#include "nn/kinds/group_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/group_norm.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"

namespace netdissect {

std::string GroupNorm::Name() const { return "group normalisation"; }

void GroupNorm::Visit(ParameterVisitor& visitor) {
  visitor.Visit("groups", " ", &groups);
  visitor.Visit("epsilon", " ", &epsilon);
  visitor.VisitWeight("scale", scale);
  visitor.VisitWeight("shift", shift);
}

Shape GroupNorm::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("groups", groups);
  if (in.units % groups != 0) {
    Fail("expected groups that divide {} units, found {}", in.units, groups);
  }
  RequireNormalisation(epsilon, scale, shift, in.units);
  return in;
}

at::Tensor GroupNorm::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return at::group_norm(inputs.front(), groups, scale, shift, epsilon);
}

Recording GroupNorm::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
