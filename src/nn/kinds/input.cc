#include "nn/kinds/input.h"

#include "netdissect/base/error.h"

namespace netdissect {

std::string Input::Name() const { return "input"; }
void Input::Visit(ParameterVisitor& /*visitor*/) {}

Shape Input::OutputShape(const std::vector<Shape>& /*inputs*/) const {
  Fail("a network has one input");
}

at::Tensor Input::Evaluate(std::vector<at::Tensor> /*inputs*/, const Shape& /*output*/) const {
  Fail("input: expected to be given, found it asked to be computed");
}

void Input::ComputeRows(const RowTask& /*task*/) const { Evaluate({}, {}); }

Recording Input::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
