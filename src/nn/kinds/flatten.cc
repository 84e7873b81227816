#include "nn/kinds/flatten.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Flatten::Name() const { return "flatten"; }
void Flatten::Visit(ParameterVisitor& /*visitor*/) {}

Shape Flatten::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  return {in.units * in.height * in.width, 1, 1};
}

at::Tensor Flatten::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  return x.flatten(1).view({x.size(0), -1, 1, 1});
}

bool Flatten::HasRows(const std::vector<Shape>& inputs) const {
  return inputs.front().height == 1 && inputs.front().width == 1;
}

void Flatten::ComputeRows(const RowTask& task) const {
  ForEachRow(task, [&](const float* row, float* out) {
    std::copy_n(row + task.hull.first, task.hull.count, out);
  });
}

Recording Flatten::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
