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
  if (!coefficients.empty() && coefficients.size() != inputs.size()) {
    Fail("expected {} coefficients, found {}", inputs.size(), coefficients.size());
  }
  return ElementwiseKind::OutputShape(inputs);
}

at::Tensor Sum::Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const {
  const auto coefficient = [&](size_t i) { return coefficients.empty() ? 1.f : coefficients[i]; };
  const std::vector<int64_t> whole = {inputs[0].size(0), output.units, output.height, output.width};
  at::Tensor sum = coefficient(0) == 1 ? inputs[0].clone() : inputs[0] * coefficient(0);
  for (size_t i = 1; i < inputs.size(); ++i) {
    const bool fits = sum.sizes() == at::IntArrayRef(whole);
    sum = fits ? sum.add_(inputs[i], coefficient(i)) : sum.add(inputs[i], coefficient(i));
  }
  return sum;
}

void Sum::ComputeRows(const RowTask& task) const {
  ForEachRowOfAll(task, [&](const std::vector<const float*>& rows, float* out) {
    task.kernels.sum(rows.data(), coefficients.empty() ? nullptr : coefficients.data(),
                     static_cast<int>(rows.size()), 1.0f, task.hull.count, out);
    if (task.rectification.done) {
      task.kernels.rectify(out, task.rectification, task.hull.count, out);
    }
  });
}

Recording Sum::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
