#include "nn/kinds/relu.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/relu.h>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {
namespace {

// True where nobody else sees the tensor's values, so that they may be overwritten.
bool OwnedAlone(const at::Tensor& tensor) {
  return tensor.use_count() == 1 && tensor.storage().use_count() == 1 && !tensor.requires_grad();
}

}  // namespace

std::string Relu::Name() const { return "relu"; }

void Relu::Visit(ParameterVisitor& visitor) {
  visitor.Visit("slope", " ", &slope);
  visitor.VisitWeight("slopes", slopes);
}

Shape Relu::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  if (slopes.defined()) RequireWeight("slopes", slopes, {in.units});
  return in;
}

at::Tensor Relu::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  at::Tensor& x = inputs.front();
  if (slopes.defined()) return at::prelu(x, slopes);
  if (OwnedAlone(x)) return slope == 0 ? x.relu_() : at::leaky_relu_(x, slope);
  return slope == 0 ? at::relu(x) : at::leaky_relu(x, slope);
}

void Relu::ComputeRows(const RowTask& task) const {
  const float* each = slopes.defined() ? slopes.data_ptr<float>() + task.hull.first : nullptr;
  ForEachRow(task, [&](const float* row, float* out) {
    if (each != nullptr) {
      task.kernels.rectify_each(row + task.hull.first, each, task.hull.count, out);
    } else {
      task.kernels.rectify(row + task.hull.first, {true, slope}, task.hull.count, out);
    }
  });
}

Recording Relu::RecordedAs() const { return Recording::kPassesOn; }

}  // namespace netdissect
