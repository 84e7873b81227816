#include "nn/kinds/global_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/amax.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"

namespace netdissect {

void GlobalPoolingKind::Visit(ParameterVisitor& /*visitor*/) {}

Shape GlobalPoolingKind::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  if (!over_y && !over_x) Fail("expected an axis to pool along, found none");
  return {in.units, over_y ? 1 : in.height, over_x ? 1 : in.width};
}

Reach GlobalPoolingKind::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  Reach reach;
  reach.y.everything = over_y;
  reach.x.everything = over_x;
  return reach;
}

void GlobalPoolingKind::MarkChannels(const std::vector<char>& wanted,
                                     const std::vector<std::vector<char>*>& inputs) const {
  *inputs.front() = wanted;
}

void GlobalPoolingKind::ComputeRows(const RowTask& /*task*/) const { FailRows(); }

Recording GlobalPoolingKind::RecordedAs() const { return Recording::kAlways; }

std::string GlobalPoolingKind::NameOf(const char* what) const {
  const std::string name = std::string("global ") + what + " pooling";
  return over_y && over_x ? name : name + (over_y ? " along y" : " along x");
}

std::vector<int64_t> GlobalPoolingKind::Axes() const {
  std::vector<int64_t> axes;
  if (over_y) axes.push_back(2);
  if (over_x) axes.push_back(3);
  return axes;
}

std::string GlobalAveragePooling::Name() const { return NameOf("average"); }

at::Tensor GlobalAveragePooling::Evaluate(std::vector<at::Tensor> inputs,
                                          const Shape& /*output*/) const {
  return inputs.front().mean(Axes(), true);
}

std::string GlobalMaxPooling::Name() const { return NameOf("max"); }

at::Tensor GlobalMaxPooling::Evaluate(std::vector<at::Tensor> inputs,
                                      const Shape& /*output*/) const {
  return at::amax(inputs.front(), Axes(), true);
}

}  // namespace netdissect
