#include "nn/kinds/extremum.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>

#include <algorithm>

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
  ForEachRowOfAll(task, [&](const std::vector<const float*>& rows, float* out) {
    if (maximum) {
      task.kernels.maximum(rows.data(), static_cast<int>(rows.size()), task.hull.count, out);
      return;
    }
    std::copy_n(rows[0], task.hull.count, out);
    for (size_t k = 1; k < rows.size(); ++k) {
      const float* row = rows[k];
      for (int c = 0; c < task.hull.count; ++c) out[c] = row[c] < out[c] ? row[c] : out[c];
    }
  });
}

Recording Extremum::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
