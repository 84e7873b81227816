#include "nn/kinds/pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/outer.h>

#include <algorithm>
#include <limits>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {
namespace {

Window WindowOf(const Pooling& p) {
  return MakeWindow(p.kernel, p.stride, p.dilation, p.padding, p.ceil);
}

// How much the input has to be padded after its end (cropped where negative) for the windows to fit
// exactly.
int PadAfter(const AxisWindow& window, int input, int output) {
  return window.last(output - 1) + 1 - input;
}

// Cells of each window that count for its average, for one axis.
at::Tensor CountCells(const AxisWindow& window, int input, int output, bool count_padding) {
  const int low = count_padding ? -window.before : 0;
  const int high = count_padding ? input + window.after : input;
  at::Tensor counts = at::empty({output}, at::kFloat);
  auto count = counts.accessor<float, 1>();
  for (int o = 0; o < output; ++o) {
    int cells = 0;
    for (int k = 0; k < window.kernel; ++k) {
      const int i = window.first(o) + window.dilation * k;
      cells += i >= low && i < high ? 1 : 0;
    }
    count[o] = static_cast<float>(cells);
  }
  return counts;
}

// The taps of output position `o` that lie inside the input, as positions `dilation` apart.
Range TapsInside(const AxisWindow& window, int o, int size) {
  const Range inside = Intersect(Range{window.first(o), window.last(o)}, Range{0, size - 1});
  const int past = (inside.start - window.first(o)) % window.dilation;
  return {past == 0 ? inside.start : inside.start + window.dilation - past, inside.end};
}

// (N, C, h, w) of input that all windows lie in, surroundings included.
at::Tensor Maxima(const Pooling& p, const at::Tensor& x) {
  return at::max_pool2d(x, {p.kernel.y, p.kernel.x}, {p.stride.y, p.stride.x}, {0, 0},
                        {p.dilation.y, p.dilation.x});
}

at::Tensor Means(const Pooling& p, const at::Tensor& x) {
  return at::avg_pool2d(x, {p.kernel.y, p.kernel.x}, {p.stride.y, p.stride.x});
}

// Whether all windows lie in the input.
bool IsUnpadded(const Pooling& p, const Shape& input, const Shape& output) {
  const Window w = WindowOf(p);
  return p.padding.top == 0 && p.padding.left == 0 &&
         PadAfter(w.y, input.height, output.height) <= 0 &&
         PadAfter(w.x, input.width, output.width) <= 0;
}

}  // namespace

std::string Pooling::Name() const {
  return method == Method::kMax ? "max pooling" : "average pooling";
}

void Pooling::Visit(ParameterVisitor& visitor) {
  visitor.Visit("kernel", " ", &kernel);
  visitor.Visit("stride", "/", &stride);
  visitor.Visit("dilation", "/", &dilation);
  visitor.Visit("padding", " ", &padding);
  visitor.Visit("ceil", " ", &ceil);
  visitor.Visit("count_padding", " ", &count_padding);
}

Shape Pooling::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  const Window window = WindowOf(*this);
  RequireBounded(window);
  if (padding.top >= window.y.extent() || padding.left >= window.x.extent() ||
      padding.bottom >= window.y.extent() || padding.right >= window.x.extent()) {
    Fail("expected padding smaller than the pooling window of {} x {}, found {} {} {} {}",
         window.y.extent(), window.x.extent(), padding.top, padding.left, padding.bottom,
         padding.right);
  }
  if (method == Method::kAverage && (dilation.y != 1 || dilation.x != 1)) {
    Fail("average pooling with dilation is not supported");
  }
  return Slide(window, in.units, in);
}

Reach Pooling::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  return Reach::Within(WindowOf(*this));
}

void Pooling::MarkChannels(const std::vector<char>& wanted,
                           const std::vector<std::vector<char>*>& inputs) const {
  for (size_t c = 0; c < wanted.size(); ++c) {
    if (wanted[c] != 0) (*inputs.front())[c] = 1;
  }
}

at::Tensor Pooling::Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const {
  at::Tensor x = std::move(inputs.front());
  const Shape input = {output.units, static_cast<int>(x.size(2)), static_cast<int>(x.size(3))};
  const Window w = WindowOf(*this);
  const bool unpadded = IsUnpadded(*this, input, output);
  if (!unpadded) {
    x = at::constant_pad_nd(x,
                            {padding.left, PadAfter(w.x, input.width, output.width), padding.top,
                             PadAfter(w.y, input.height, output.height)},
                            *Surroundings());
  }
  if (method == Method::kMax) return Maxima(*this, x);
  at::Tensor mean = Means(*this, x);
  if (unpadded) return mean;
  const at::Tensor cells = at::outer(CountCells(w.y, input.height, output.height, count_padding),
                                     CountCells(w.x, input.width, output.width, count_padding));
  return mean * (kernel.y * kernel.x / cells.clamp_min(1)).to(x.device());
}

void Pooling::ComputeRows(const RowTask& task) const {
  const Window window = WindowOf(*this);
  const RowSource& source = task.sources.front();
  const auto cells = [&](const AxisWindow& w, int o, int size) {
    const int margin = count_padding ? 1 : 0;
    return Intersect(Range{w.first(o), w.last(o)},
                     Range{-margin * w.before, size + margin * w.after - 1})
        .size();
  };
  std::vector<const float*>& taps = task.scratch.pointers;
  float* out = task.out + task.hull.first;
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    const Range rows = TapsInside(window.y, y, source.height);
    const Range columns = TapsInside(window.x, x, source.width);
    taps.clear();
    for (int iy = rows.start; iy <= rows.end; iy += window.y.dilation) {
      for (int ix = columns.start; ix <= columns.end; ix += window.x.dilation) {
        taps.push_back(source.Row(item, iy, ix) + task.hull.first);
      }
    }
    if (method == Method::kAverage) {
      const int count = cells(window.y, y, source.height) * cells(window.x, x, source.width);
      task.kernels.sum(taps.data(), nullptr, static_cast<int>(taps.size()),
                       1.0f / static_cast<float>(std::max(count, 1)), task.hull.count, out);
    } else if (taps.empty()) {
      std::fill_n(out, task.hull.count, -std::numeric_limits<float>::infinity());
    } else {
      task.kernels.maximum(taps.data(), static_cast<int>(taps.size()), task.hull.count, out);
    }
    out += task.pitch;
  });
}

std::optional<float> Pooling::Surroundings() const {
  return method == Method::kMax ? -std::numeric_limits<float>::infinity() : 0.0f;
}

at::Tensor Pooling::EvaluateTiles(TileTask task) const {
  const at::Tensor& x = task.inputs.front();
  if (method == Method::kMax) return Maxima(*this, x);
  at::Tensor mean = Means(*this, x);
  const Shape& input = task.shapes.front();
  if (IsUnpadded(*this, input, task.output)) return mean;
  const Window w = WindowOf(*this);
  const auto cells = [&](const AxisWindow& window, int size, int count, const at::Tensor& places) {
    return CountCells(window, size, count, count_padding)
        .to(x.device())
        .index_select(0, places.flatten())
        .view(places.sizes());
  };
  const at::Tensor rows = cells(w.y, input.height, task.output.height, task.tiles.Rows());
  const at::Tensor columns = cells(w.x, input.width, task.output.width, task.tiles.Columns());
  const at::Tensor each = rows.unsqueeze(2) * columns.unsqueeze(1);  // (N, h, w)
  return mean * (kernel.y * kernel.x / each.clamp_min(1)).unsqueeze(1);
}

Recording Pooling::RecordedAs() const { return Recording::kAlways; }

}  // namespace netdissect
