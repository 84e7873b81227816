#include "nn/kinds/pixel_unshuffle.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/pixel_unshuffle.h>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"

namespace netdissect {

std::string PixelUnshuffle::Name() const { return "pixel unshuffle"; }
void PixelUnshuffle::Visit(ParameterVisitor& visitor) { visitor.Visit("factor", " ", &factor); }

Shape PixelUnshuffle::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  if (factor < 1 || in.height % factor != 0 || in.width % factor != 0) {
    Fail("expected a factor that divides {} x {} positions, found {}", in.height, in.width, factor);
  }
  const int64_t units = int64_t{in.units} * factor * factor;
  if (units > kMostValues) Fail("{} units are more than netdissect handles", units);
  return {static_cast<int>(units), in.height / factor, in.width / factor};
}

Reach PixelUnshuffle::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  Reach reach = Reach::Steps({0, 0}, {factor, factor});
  reach.y.high = reach.x.high = factor - 1;
  return reach;
}

void PixelUnshuffle::MarkChannels(const std::vector<char>& wanted,
                                  const std::vector<std::vector<char>*>& inputs) const {
  const size_t square = At(factor) * At(factor);
  for (size_t c = 0; c < wanted.size(); ++c) {
    if (wanted[c] != 0) (*inputs.front())[c / square] = 1;
  }
}

at::Tensor PixelUnshuffle::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  return at::pixel_unshuffle(inputs.front(), factor);
}

void PixelUnshuffle::ComputeRows(const RowTask& task) const {
  const RowSource& source = task.sources.front();
  const int square = factor * factor, end = task.hull.first + task.hull.count;
  float* out = task.out;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    for (int place = 0; place < square; ++place) {
      const float* row = source.Row(item, y * factor + place / factor, x * factor + place % factor);
      // The channels of this place that lie in the hull.
      const int first = (std::max(task.hull.first - place, 0) + square - 1) / square;
      for (int c = first; c * square + place < end; ++c) out[c * square + place] = row[c];
    }
    out += task.pitch;
  });
}

std::optional<float> PixelUnshuffle::Surroundings() const { return 0.0f; }

Recording PixelUnshuffle::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
