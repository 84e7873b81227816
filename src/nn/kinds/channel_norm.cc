#include "nn/kinds/channel_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/layer_norm.h>

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
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
  const int channels = task.sources.front().channels, first = task.hull.first;
  const float* scales = scale.defined() ? scale.data_ptr<float>() + first : nullptr;
  const float* shifts = shift.defined() ? shift.data_ptr<float>() + first : nullptr;
  ForEachRow(task, [&](const float* row, float* out) {
    double sum = 0, squares = 0;
    for (int c = 0; c < channels; ++c) sum += row[c];
    const double mean = sum / channels;
    for (int c = 0; c < channels; ++c) squares += (row[c] - mean) * (row[c] - mean);
    const double factor = 1 / std::sqrt(squares / channels + epsilon);
    for (int c = 0; c < task.hull.count; ++c) {
      const auto value = static_cast<float>((row[first + c] - mean) * factor);
      out[c] = value * (scales == nullptr ? 1 : scales[c]) + (shifts == nullptr ? 0 : shifts[c]);
    }
  });
}

Recording ChannelNorm::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
