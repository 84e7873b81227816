#include "nn/kinds/affine.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {
namespace {

// Channel vectors of shape (C) against (N, C, H, W).
at::Tensor PerChannel(const at::Tensor& vector) { return vector.view({1, -1, 1, 1}); }

}  // namespace

std::string Affine::Name() const { return "scale and shift"; }

void Affine::Visit(ParameterVisitor& visitor) {
  visitor.VisitWeight("scale", scale);
  visitor.VisitWeight("shift", shift);
}

Shape Affine::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequireWeight("scale", scale, {in.units});
  RequireWeight("shift", shift, {in.units});
  return in;
}

at::Tensor Affine::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return inputs.front() * PerChannel(scale) + PerChannel(shift);
}

void Affine::ComputeRows(const RowTask& task) const {
  const float* scales = scale.data_ptr<float>() + task.hull.first;
  const float* shifts = shift.data_ptr<float>() + task.hull.first;
  ForEachRow(task, [&](const float* row, float* out) {
    task.kernels.affine(row + task.hull.first, scales, shifts, task.hull.count, out);
  });
}

Recording Affine::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
