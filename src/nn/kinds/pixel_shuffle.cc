#include "nn/kinds/pixel_shuffle.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/pixel_shuffle.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string PixelShuffle::Name() const { return "pixel shuffle"; }
void PixelShuffle::Visit(ParameterVisitor& visitor) { visitor.Visit("factor", " ", &factor); }

Shape PixelShuffle::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  const int64_t square = int64_t{factor} * factor;
  if (factor < 1 || in.units % square != 0) {
    Fail("expected a factor whose square divides {} units, found {}", in.units, factor);
  }
  RequireSizes(int64_t{in.height} * factor, int64_t{in.width} * factor);
  return {static_cast<int>(in.units / square), in.height * factor, in.width * factor};
}

Reach PixelShuffle::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  Reach reach;
  reach.y.per = reach.x.per = factor;
  return reach;
}

void PixelShuffle::MarkChannels(const std::vector<char>& wanted,
                                const std::vector<std::vector<char>*>& inputs) const {
  const size_t square = At(factor) * At(factor);
  std::vector<char>& input = *inputs.front();
  for (size_t c = 0; c < input.size(); ++c) {
    if (wanted[c / square] != 0) input[c] = 1;
  }
}

at::Tensor PixelShuffle::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return at::pixel_shuffle(inputs.front(), factor);
}

void PixelShuffle::ComputeRows(const RowTask& task) const {
  const ptrdiff_t square = ptrdiff_t{factor} * factor;
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    const float* row = task.sources.front().Row(item, y / factor, x / factor) +
                       task.hull.first * square + ptrdiff_t{y % factor} * factor + x % factor;
    for (int c = 0; c < task.hull.count; ++c) out[c] = row[c * square];
    out += task.pitch;
  });
}

Recording PixelShuffle::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
