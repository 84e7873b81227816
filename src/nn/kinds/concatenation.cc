#include "nn/kinds/concatenation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Concatenation::Name() const { return "concatenation"; }
void Concatenation::Visit(ParameterVisitor& /*visitor*/) {}

Shape Concatenation::OutputShape(const std::vector<Shape>& inputs) const {
  Shape out = FirstInput(inputs);
  int64_t units = 0;
  for (const Shape& in : inputs) {
    if (in.height != out.height || in.width != out.width) {
      FailShapes("of one height and width", inputs);
    }
    units += in.units;
  }
  if (units > kMostValues) Fail("{} units are more than netdissect handles", units);
  out.units = static_cast<int>(units);
  return out;
}

void Concatenation::MarkChannels(const std::vector<char>& wanted,
                                 const std::vector<std::vector<char>*>& inputs) const {
  size_t from = 0;
  for (std::vector<char>* input : inputs) {
    for (size_t c = 0; c < input->size(); ++c) {
      if (wanted[from + c] != 0) (*input)[c] = 1;
    }
    from += input->size();
  }
}

at::Tensor Concatenation::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return at::cat(inputs, 1);
}

void Concatenation::ComputeRows(const RowTask& task) const {
  float* out = task.out;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    int channel = 0;
    for (const RowSource& source : task.sources) {
      // The part of this input's channels that lies in the hull of what is wanted.
      const int first = std::max(task.hull.first, channel);
      const int last = std::min(task.hull.first + task.hull.count, channel + source.channels);
      if (first < last) {
        const float* row = source.Row(item, y, x);
        std::copy(row + (first - channel), row + (last - channel), out + first);
      }
      channel += source.channels;
    }
    out += task.pitch;
  });
}

Recording Concatenation::RecordedAs() const { return Recording::kJoins; }

}  // namespace netdissect
