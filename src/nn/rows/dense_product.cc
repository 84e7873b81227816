#include "nn/rows/dense_product.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "nn/rows/kernel_choice.h"
#include "nn/rows/row_product.h"

namespace netdissect {

bool TakesDenseProduct(const at::Tensor& x, const at::Tensor& weight) {
  const auto takes = [](const at::Tensor& tensor) {
    return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && !tensor.requires_grad();
  };
  return takes(x) && takes(weight);
}

at::Tensor DenseProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor inputs = x.contiguous(), weights = weight.contiguous();
  const at::Tensor biases = bias.defined() ? bias.contiguous() : bias;
  const int64_t count = inputs.size(0), depth = inputs.size(1), units = weights.size(0);
  at::Tensor result = at::empty({count, units}, inputs.options());
  const float* input = inputs.data_ptr<float>();
  const float* w = weights.data_ptr<float>();
  const float* b = biases.defined() ? biases.data_ptr<float>() : nullptr;
  float* out = result.data_ptr<float>();
  std::vector<const float*> rows;
  for (int64_t n = 0; n < count; ++n) rows.push_back(input + n * depth);
  const RowKernels& kernels = Kernels();
  // A panel's weights are packed where they are used, in a core's own cache: they are all read once
  // for a batch, as in any product of matrices.
  const int64_t panel = int64_t{16} * kernels.most_vectors;
  ParallelFor(0, (units + panel - 1) / panel, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t first = p * panel;
      const auto columns = static_cast<int>(std::min(panel, units - first));
      const PackedWeights packed = PackWeights(
          kernels, columns, static_cast<int>(depth),
          [&](int column, int k) { return w[(first + column) * depth + k]; },
          [&](int column) { return b == nullptr ? 0.0f : b[first + column]; });
      RowProduct product;
      product.rows = rows.data();
      product.count = count;
      product.runs = 1;
      product.length = static_cast<int>(depth);
      product.out = out + first;
      product.stride = units;
      Multiply(kernels, product, packed);
    }
  });
  return result;
}

}  // namespace netdissect
