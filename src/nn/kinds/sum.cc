#include "nn/kinds/sum.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Sum::Name() const { return "sum"; }
void Sum::Visit(ParameterVisitor& visitor) { visitor.Visit("coefficients", " ", &coefficients); }

Shape Sum::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& first = FirstInput(inputs);
  for (const Shape& in : inputs) {
    if (in != first) FailShapes("of one shape", inputs);
  }
  if (!coefficients.empty() && coefficients.size() != inputs.size()) {
    Fail("expected {} coefficients, found {}", inputs.size(), coefficients.size());
  }
  return first;
}

at::Tensor Sum::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const auto coefficient = [&](size_t i) { return coefficients.empty() ? 1.f : coefficients[i]; };
  at::Tensor sum = coefficient(0) == 1 ? inputs[0].clone() : inputs[0] * coefficient(0);
  for (size_t i = 1; i < inputs.size(); ++i) sum = sum.add_(inputs[i], coefficient(i));
  return sum;
}

void Sum::ComputeRows(const RowTask& task) const {
  float* out = task.out + task.hull.first;
  std::vector<const float*> rows(task.sources.size());
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    for (size_t k = 0; k < rows.size(); ++k) {
      rows[k] = task.sources[k].Row(item, y, x) + task.hull.first;
    }
    task.kernels.sum(rows.data(), coefficients.empty() ? nullptr : coefficients.data(),
                     static_cast<int>(rows.size()), 1.0f, task.hull.count, out);
    out += task.output.units;
  });
}

Recording Sum::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
