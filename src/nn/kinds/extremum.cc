#include "nn/kinds/extremum.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>

#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Extremum::Name() const { return maximum ? "maximum" : "minimum"; }
void Extremum::Visit(ParameterVisitor& /*visitor*/) {}

at::Tensor Extremum::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  at::Tensor result = inputs[0];
  for (size_t i = 1; i < inputs.size(); ++i) {
    result = maximum ? at::maximum(result, inputs[i]) : at::minimum(result, inputs[i]);
  }
  return result;
}

void Extremum::ComputeRows(const RowTask& task) const {
  const auto extremum = maximum ? task.kernels.maximum : task.kernels.minimum;
  ForEachRowOfAll(task, [&](const std::vector<const float*>& rows, float* out) {
    extremum(rows.data(), static_cast<int>(rows.size()), task.hull.count, out);
  });
}

Recording Extremum::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
