#include "nn/kinds/product.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Product::Name() const { return "product"; }
void Product::Visit(ParameterVisitor& /*visitor*/) {}

at::Tensor Product::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  at::Tensor product = inputs[0];
  for (size_t i = 1; i < inputs.size(); ++i) product = product * inputs[i];
  return product;
}

void Product::ComputeRows(const RowTask& task) const {
  ForEachRowOfAll(task, [&](const std::vector<const float*>& rows, float* out) {
    task.kernels.product(rows.data(), static_cast<int>(rows.size()), task.hull.count, out);
  });
}

// Its inputs are found by themselves.
Recording Product::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
