#include "nn/kinds/crop.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {
namespace {

void RequireInside(const char* axis, int start, int step, int size, int input) {
  if (start >= 0 && step >= 1 && size >= 1 && start + (int64_t{size} - 1) * step < input) return;
  Fail("expected positions inside an input of {} along {}, found {} from {} in steps of {}", input,
       axis, size, start, step);
}

}  // namespace

std::string Crop::Name() const { return "crop"; }

void Crop::Visit(ParameterVisitor& visitor) {
  visitor.Visit("start", " ", &start);
  visitor.Visit("step", "/", &step);
  visitor.Visit("size", nullptr, &size);
}

Shape Crop::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequireInside("y", start.y, step.y, size.y, in.height);
  RequireInside("x", start.x, step.x, size.x, in.width);
  return {in.units, size.y, size.x};
}

Reach Crop::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  return Reach::Steps(start, step);
}

at::Tensor Crop::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const auto past = [](int from, int by, int count) { return from + int64_t{count - 1} * by + 1; };
  return inputs.front()
      .slice(2, start.y, past(start.y, step.y, size.y), step.y)
      .slice(3, start.x, past(start.x, step.x, size.x), step.x)
      .contiguous();
}

void Crop::ComputeRows(const RowTask& task) const {
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    const float* row = task.sources.front().Row(item, start.y + step.y * y, start.x + step.x * x);
    std::copy_n(row + task.hull.first, task.hull.count, out);
    out += task.pitch;
  });
}

std::optional<float> Crop::Surroundings() const { return 0.0f; }

at::Tensor Crop::EvaluateTiles(TileTask task) const {
  const at::Tensor& x = task.inputs.front();
  return x.slice(2, 0, x.size(2), step.y).slice(3, 0, x.size(3), step.x);
}

Recording Crop::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
