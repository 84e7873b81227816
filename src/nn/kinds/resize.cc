#include "nn/kinds/resize.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/resize_taps.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

namespace netdissect {
namespace {

void RequireScale(const char* axis, float scale, int input, int output) {
  // Files round it, and cut the size that it gives to an integer.
  if (scale == 0) return;
  if (!(scale > 0) || std::abs(static_cast<double>(scale) * input - output) > 1.001) {
    Fail("expected a scale of {} / {} along {}, found {}", output, input, axis, scale);
  }
}

// x with axis `dimension` weighed by the taps.
at::Tensor Along(const at::Tensor& x, int64_t dimension, const ResizeTaps& taps) {
  at::Tensor sum;
  std::vector<int64_t> along(4, 1);
  along[static_cast<size_t>(dimension)] = -1;
  for (int t = 0; t < taps.taps; ++t) {
    const at::Tensor part = x.index_select(dimension, taps.Positions(t).to(x.device()));
    if (taps.taps == 1) return part;
    const at::Tensor term = part * taps.Weights(t).to(x.device(), x.scalar_type()).view(along);
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

}  // namespace

std::string Resize::Name() const { return "resize"; }

void Resize::Visit(ParameterVisitor& visitor) {
  visitor.VisitChoice("method", " ", {"nearest", "linear", "cubic"}, method);
  visitor.Visit("size", nullptr, &size);
  visitor.VisitChoice("coordinates", " ",
                      {"half pixel", "pytorch half pixel", "asymmetric", "align corners"},
                      coordinates);
  visitor.VisitChoice("rounding", method == Method::kNearest ? " " : nullptr,
                      {"floor", "round prefer floor", "round prefer ceil", "ceil"}, rounding);
  visitor.Visit("scale_y", " ", &scale_y);
  visitor.Visit("scale_x", " ", &scale_x);
  visitor.Visit("cubic_a", method == Method::kCubic ? " " : nullptr, &cubic_a);
}

Shape Resize::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequireSizes(size.y, size.x);
  RequireScale("y", scale_y, in.height, size.y);
  RequireScale("x", scale_x, in.width, size.x);
  return {in.units, size.y, size.x};
}

Reach Resize::GetReach(const Shape& input, const Shape& /*output*/) const {
  return {ResizeReach(*this, input.height, size.y, scale_y),
          ResizeReach(*this, input.width, size.x, scale_x)};
}

at::Tensor Resize::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const at::Tensor& x = inputs.front();
  const ResizeTaps rows(*this, static_cast<int>(x.size(2)), size.y, scale_y);
  const ResizeTaps columns(*this, static_cast<int>(x.size(3)), size.x, scale_x);
  return Along(Along(x, 2, rows), 3, columns);
}

void Resize::ComputeRows(const RowTask& task) const {
  const RowSource& source = task.sources.front();
  const ResizeTaps rows(*this, source.height, size.y, scale_y);
  const ResizeTaps columns(*this, source.width, size.x, scale_x);
  std::vector<const float*> taps(At(rows.taps) * At(columns.taps));
  std::vector<float> weights(taps.size());
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    size_t t = 0;
    for (int ty = 0; ty < rows.taps; ++ty) {
      for (int tx = 0; tx < columns.taps; ++tx, ++t) {
        taps[t] = source.Row(item, rows.position(y, ty), columns.position(x, tx)) + task.hull.first;
        weights[t] = rows.weight(y, ty) * columns.weight(x, tx);
      }
    }
    if (taps.size() == 1) {
      std::copy_n(taps[0], task.hull.count, out);
    } else {
      task.kernels.sum(taps.data(), weights.data(), static_cast<int>(taps.size()), 1.0f,
                       task.hull.count, out);
    }
    out += task.pitch;
  });
}

std::optional<float> Resize::Surroundings() const { return std::nullopt; }

Recording Resize::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
