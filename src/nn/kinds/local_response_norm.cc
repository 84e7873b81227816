#include "nn/kinds/local_response_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string LocalResponseNorm::Name() const { return "local response normalisation"; }

void LocalResponseNorm::Visit(ParameterVisitor& visitor) {
  visitor.Visit("size", " ", &size);
  visitor.Visit("alpha", " ", &alpha);
  visitor.Visit("beta", " ", &beta);
  visitor.Visit("k", " ", &k);
}

Shape LocalResponseNorm::OutputShape(const std::vector<Shape>& inputs) const {
  RequirePositive("size", size);
  return OnlyInput(inputs);
}

void LocalResponseNorm::MarkChannels(const std::vector<char>& wanted,
                                     const std::vector<std::vector<char>*>& inputs) const {
  const int before = (size - 1) / 2, after = size - 1 - before;
  const auto count = static_cast<int>(wanted.size());
  for (int c = 0; c < count; ++c) {
    if (wanted[At(c)] == 0) continue;
    for (int n = std::max(0, c - before); n <= std::min(count - 1, c + after); ++n) {
      (*inputs.front())[At(n)] = 1;
    }
  }
}

at::Tensor LocalResponseNorm::Evaluate(std::vector<at::Tensor> inputs,
                                       const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  const int64_t channels = x.size(1), before = (size - 1) / 2;
  const at::Tensor squares = at::constant_pad_nd(x * x, {0, 0, 0, 0, before, size - 1 - before}, 0);
  at::Tensor sum = squares.narrow(1, 0, channels).clone();
  for (int64_t i = 1; i < size; ++i) sum.add_(squares.narrow(1, i, channels));
  return x * sum.mul_(alpha / static_cast<float>(size)).add_(k).pow_(-beta);
}

void LocalResponseNorm::ComputeRows(const RowTask& task) const {
  const NormCall call = {size, alpha / static_cast<float>(size), beta, k};
  const int channels = task.sources.front().channels;
  task.scratch.row.resize(At(channels) + At(size));
  ForEachRow(task, [&](const float* row, float* out) {
    task.kernels.normalize(row, channels, task.hull.first, task.hull.count, call,
                           task.scratch.row.data(), out);
  });
}

Recording LocalResponseNorm::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
