#include "nn/kinds/channel_selection.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {
namespace {

bool IsSlice(const std::vector<int>& channels) {
  for (size_t i = 1; i < channels.size(); ++i) {
    if (channels[i] != channels[i - 1] + 1) return false;
  }
  return true;
}

}  // namespace

std::string ChannelSelection::Name() const { return "channel selection"; }

void ChannelSelection::Visit(ParameterVisitor& visitor) {
  visitor.Visit("channels", " ", &channels);
}

Shape ChannelSelection::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  if (channels.empty()) Fail("expected channels to select, found none");
  for (int channel : channels) {
    if (channel < 0 || channel >= in.units) {
      Fail("expected channels from 0 to {}, found {}", in.units - 1, channel);
    }
  }
  return {static_cast<int>(channels.size()), in.height, in.width};
}

void ChannelSelection::MarkChannels(const std::vector<char>& wanted,
                                    const std::vector<std::vector<char>*>& inputs) const {
  for (size_t c = 0; c < wanted.size(); ++c) {
    if (wanted[c] != 0) (*inputs.front())[At(channels[c])] = 1;
  }
}

at::Tensor ChannelSelection::Evaluate(std::vector<at::Tensor> inputs,
                                      const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  if (IsSlice(channels)) {
    return x.narrow(1, channels.front(), static_cast<int64_t>(channels.size())).contiguous();
  }
  return x.index_select(1, at::tensor(at::ArrayRef<int>(channels), at::kLong).to(x.device()));
}

void ChannelSelection::ComputeRows(const RowTask& task) const {
  const int* from = channels.data() + task.hull.first;
  const bool slice = IsSlice(channels);
  ForEachRow(task, [&](const float* row, float* out) {
    if (slice) {
      std::copy_n(row + *from, task.hull.count, out);
      return;
    }
    for (int c = 0; c < task.hull.count; ++c) out[c] = row[from[c]];
  });
}

Recording ChannelSelection::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
