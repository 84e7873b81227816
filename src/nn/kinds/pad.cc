#include "nn/kinds/pad.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/replication_pad2d.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {
namespace {

AxisReach ReachAlong(Pad::Mode mode, int before, int after, int input) {
  AxisReach reach;
  reach.low = reach.high = -before;
  if (mode != Pad::Mode::kConstant) reach.clamp = input;
  if (mode == Pad::Mode::kReflect) {
    // Position o of the padding before sees before - o, one of that after as far from the end; what
    // holds these for all positions holds a little more for most.
    const int64_t most = std::max(before, after);
    reach.low -= 2 * most;
    reach.high += 2 * most;
  }
  return reach;
}

// The input position that stands at `o` of the padded one.
int PositionOf(Pad::Mode mode, int o, int before, int input) {
  const int i = o - before;
  if (mode == Pad::Mode::kReplicate) return std::clamp(i, 0, input - 1);
  if (mode == Pad::Mode::kReflect) return i < 0 ? -i : i < input ? i : 2 * (input - 1) - i;
  return i;
}

}  // namespace

std::string Pad::Name() const { return "padding"; }

void Pad::Visit(ParameterVisitor& visitor) {
  visitor.VisitChoice("mode", " ", {"constant", "reflect", "replicate"}, mode);
  visitor.Visit("padding", " ", &padding);
  visitor.Visit("value", mode == Mode::kConstant ? " " : nullptr, &value);
}

Shape Pad::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequireBounded(MakeWindow({}, {}, {}, padding, false));
  if (mode == Mode::kReflect && (std::max(padding.top, padding.bottom) >= in.height ||
                                 std::max(padding.left, padding.right) >= in.width)) {
    Fail("expected padding smaller than the input of {} x {} that it mirrors, found {} {} {} {}",
         in.height, in.width, padding.top, padding.left, padding.bottom, padding.right);
  }
  return {in.units, in.height + padding.top + padding.bottom,
          in.width + padding.left + padding.right};
}

Reach Pad::GetReach(const Shape& input, const Shape& /*output*/) const {
  return {ReachAlong(mode, padding.top, padding.bottom, input.height),
          ReachAlong(mode, padding.left, padding.right, input.width)};
}

at::Tensor Pad::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  const std::vector<int64_t> around = {padding.left, padding.right, padding.top, padding.bottom};
  if (mode == Mode::kReflect) return at::reflection_pad2d(x, around);
  if (mode == Mode::kReplicate) return at::replication_pad2d(x, around);
  return at::constant_pad_nd(x, around, value);
}

void Pad::ComputeRows(const RowTask& task) const {
  const RowSource& source = task.sources.front();
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    const int iy = PositionOf(mode, y, padding.top, source.height);
    const int ix = PositionOf(mode, x, padding.left, source.width);
    if (iy >= 0 && iy < source.height && ix >= 0 && ix < source.width) {
      std::copy_n(source.Row(item, iy, ix) + task.hull.first, task.hull.count, out);
    } else {
      std::fill_n(out, task.hull.count, value);
    }
    out += task.pitch;
  });
}

std::optional<float> Pad::Surroundings() const {
  return mode == Mode::kConstant ? std::optional(value) : std::nullopt;
}

at::Tensor Pad::EvaluateTiles(TileTask task) const {
  if (mode == Mode::kConstant)
    return task.inputs.front();  // what it puts around lies there already
  return Evaluate(std::move(task.inputs), task.output);
}

Recording Pad::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
