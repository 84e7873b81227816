#include "nn/kinds/channel_reduction.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/norm.h>

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string ChannelReduction::Name() const {
  switch (method) {
    case Method::kMean:
      return "channel mean";
    case Method::kMax:
      return "channel maximum";
    case Method::kSum:
      return "channel sum";
    case Method::kMin:
      return "channel minimum";
    case Method::kNorm2:
      return "channel norm";
  }
  Fail("expected a reduction, found number {}", static_cast<int>(method));
}

void ChannelReduction::Visit(ParameterVisitor& /*visitor*/) {}

Shape ChannelReduction::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  return {1, in.height, in.width};
}

void ChannelReduction::MarkChannels(const std::vector<char>& wanted,
                                    const std::vector<std::vector<char>*>& inputs) const {
  if (wanted[0] != 0) std::fill(inputs.front()->begin(), inputs.front()->end(), char{1});
}

at::Tensor ChannelReduction::Evaluate(std::vector<at::Tensor> inputs,
                                      const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  switch (method) {
    case Method::kMean:
      return x.mean({1}, true);
    case Method::kMax:
      return at::amax(x, {1}, true);
    case Method::kSum:
      return x.sum({1}, true);
    case Method::kMin:
      return at::amin(x, {1}, true);
    case Method::kNorm2:
      return at::norm(x, 2, {1}, true);
  }
  return x;
}

void ChannelReduction::ComputeRows(const RowTask& task) const {
  const int channels = task.sources.front().channels;
  ForEachRow(task, [&](const float* row, float* out) {
    double sum = 0;
    switch (method) {
      case Method::kMax:
        *out = *std::max_element(row, row + channels);
        return;
      case Method::kMin:
        *out = *std::min_element(row, row + channels);
        return;
      case Method::kNorm2:
        for (int c = 0; c < channels; ++c) sum += static_cast<double>(row[c]) * row[c];
        *out = static_cast<float>(std::sqrt(sum));
        return;
      case Method::kMean:
      case Method::kSum:
        for (int c = 0; c < channels; ++c) sum += row[c];
        *out = static_cast<float>(method == Method::kMean ? sum / channels : sum);
    }
  });
}

Recording ChannelReduction::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
