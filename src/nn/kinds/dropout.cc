#include "nn/kinds/dropout.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Dropout::Name() const { return "dropout"; }
void Dropout::Visit(ParameterVisitor& visitor) { visitor.Visit("rate", nullptr, &rate); }

Shape Dropout::OutputShape(const std::vector<Shape>& inputs) const { return OnlyInput(inputs); }

at::Tensor Dropout::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return inputs.front();
}

void Dropout::ComputeRows(const RowTask& task) const {
  ForEachRow(task, [&](const float* row, float* out) {
    std::copy_n(row + task.hull.first, task.hull.count, out);
  });
}

Recording Dropout::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
