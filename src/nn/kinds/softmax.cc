#include "nn/kinds/softmax.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <cmath>

#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string Softmax::Name() const { return log ? "log softmax" : "softmax"; }
void Softmax::Visit(ParameterVisitor& /*visitor*/) {}

Shape Softmax::OutputShape(const std::vector<Shape>& inputs) const { return OnlyInput(inputs); }

void Softmax::MarkChannels(const std::vector<char>& /*wanted*/,
                           const std::vector<std::vector<char>*>& inputs) const {
  std::fill(inputs.front()->begin(), inputs.front()->end(), char{1});
}

at::Tensor Softmax::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return log ? at::log_softmax(inputs.front(), 1) : at::softmax(inputs.front(), 1);
}

void Softmax::ComputeRows(const RowTask& task) const {
  const int channels = task.sources.front().channels;
  ForEachRow(task, [&](const float* row, float* out) {
    const float largest = *std::max_element(row, row + channels);
    double total = 0;
    for (int c = 0; c < channels; ++c) total += std::exp(row[c] - largest);
    const auto log_total = static_cast<float>(std::log(total));
    for (int c = 0; c < task.hull.count; ++c) {
      if (log) {
        out[c] = row[task.hull.first + c] - largest - log_total;
        continue;
      }
      out[c] = static_cast<float>(std::exp(row[task.hull.first + c] - largest) / total);
    }
  });
}

Recording Softmax::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
