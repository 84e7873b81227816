#include "nn/rows/dense_product.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "base/parallel.h"
#include "nn/rows/kernel_choice.h"

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
  const DenseCall call = {inputs.data_ptr<float>(),
                          count,
                          weights.data_ptr<float>(),
                          depth,
                          biases.defined() ? biases.data_ptr<float>() : nullptr,
                          result.data_ptr<float>(),
                          units};
  // A few units' weights stay in a core's cache while all rows are multiplied by them.
  constexpr int64_t kTogether = 24;
  const RowKernels& kernels = Kernels();
  ParallelFor(0, (units + kTogether - 1) / kTogether, 1, [&](int64_t begin, int64_t end) {
    kernels.dense(call, begin * kTogether, std::min(end * kTogether, units));
  });
  return result;
}

}  // namespace netdissect
