#include "nn/kinds/channel_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/layer_norm.h>

#include <algorithm>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string ChannelNorm::Name() const { return "channel normalisation"; }

void ChannelNorm::Visit(ParameterVisitor& visitor) {
  visitor.Visit("epsilon", " ", &epsilon);
  visitor.VisitWeight("scale", scale);
  visitor.VisitWeight("shift", shift);
}

Shape ChannelNorm::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequireNormalisation(epsilon, scale, shift, in.units);
  return in;
}

void ChannelNorm::MarkChannels(const std::vector<char>& /*wanted*/,
                               const std::vector<std::vector<char>*>& inputs) const {
  std::fill(inputs.front()->begin(), inputs.front()->end(), char{1});
}

at::Tensor ChannelNorm::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor last = inputs.front().permute({0, 2, 3, 1});
  return at::layer_norm(last, {last.size(3)}, scale, shift, epsilon)
      .permute({0, 3, 1, 2})
      .contiguous();
}

void ChannelNorm::ComputeRows(const RowTask& task) const {
  const int first = task.hull.first;
  const ChannelNormCall call = {task.sources.front().channels, epsilon,
                                scale.defined() ? scale.data_ptr<float>() + first : nullptr,
                                shift.defined() ? shift.data_ptr<float>() + first : nullptr};
  ForEachRow(task, [&](const float* row, float* out) {
    task.kernels.channel_norm(row, call, first, task.hull.count, out);
  });
}

Recording ChannelNorm::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
