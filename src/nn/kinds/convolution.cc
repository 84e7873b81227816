#include "nn/kinds/convolution.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>

#include <algorithm>

#include "base/clock.h"
#include "netdissect/nn/convolution_check.h"
#include "nn/kinds/channel_parts.h"
#include "nn/kinds/group_runs.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_changes.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {
namespace {

// With fewer channels than this, taps are too short for a pointer each.
constexpr int kFewChannels = 16;

Window WindowOf(const Convolution& c) {
  return MakeWindow(c.kernel, c.stride, c.dilation, c.padding, false);
}

// Each channel by itself.
bool IsDepthwise(const Convolution& c) {
  return c.groups > 1 && c.groups == c.units && c.weight.size(1) == 1;
}

// A pointer for each position and tap.
void PointAtTaps(const RowTask& task, const Window& window, int64_t positions) {
  const RowSource& source = task.sources.front();
  const int taps = window.y.kernel * window.x.kernel;
  task.scratch.pointers.resize(static_cast<size_t>(positions * taps));
  const float* zeros = task.scratch.Zeros(At(source.channels));
  // A line of positions for each tap in turn, which finds what it reads by counting on.
  const float** line = task.scratch.pointers.data();
  for (const Span& span : task.spans) {
    const float* base = source.base + span.item * source.apart;
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y, line += taps * span.rect.x.size()) {
      for (int tap = 0; tap < taps; ++tap) {
        const int iy = window.y.first(y) + tap / window.x.kernel * window.y.dilation;
        const bool inside = iy >= 0 && iy < source.height;
        const float** pointer = line + tap;
        int ix = window.x.first(span.rect.x.start) + tap % window.x.kernel * window.x.dilation;
        ptrdiff_t at = (ptrdiff_t{iy} * source.width + ix) * source.channels;
        for (int x = span.rect.x.start; x <= span.rect.x.end; ++x, pointer += taps) {
          if (!inside || ix < 0 || ix >= source.width) {
            *pointer = zeros;
          } else {
            *pointer = source.windows == nullptr ? base + at : source.Row(span.item, iy, ix);
          }
          ix += window.x.stride;
          at += ptrdiff_t{window.x.stride} * source.channels;
        }
      }
    }
  }
}

// Copies columns [columns.start, columns.end] of row `iy`, padding included, to `tile`.
void CopyRow(const RowSource& source, int item, int iy, const Range& columns, float* tile) {
  const size_t channels = At(source.channels);
  const Range inside = Intersect(columns, {0, source.width - 1});
  if (iy < 0 || iy >= source.height || inside.empty()) {
    std::fill_n(tile, channels * At(columns.size()), 0.0f);
    return;
  }
  tile = std::fill_n(tile, channels * At(inside.start - columns.start), 0.0f);
  if (source.windows == nullptr) {
    tile = std::copy_n(source.Row(item, iy, inside.start), channels * At(inside.size()), tile);
  } else {
    for (int ix = inside.start; ix <= inside.end; ++ix) {
      tile = std::copy_n(source.Row(item, iy, ix), channels, tile);
    }
  }
  std::fill_n(tile, channels * At(columns.end - inside.end), 0.0f);
}

// A pointer for each position and row of its window, in which all is contiguous: into the map where
// it holds whole windows as they are, else into a tile, to which what a span reads is copied,
// padding included.
void PointAtRows(const RowTask& task, const Window& window) {
  const RowSource& source = task.sources.front();
  const size_t channels = At(source.channels);
  const auto reach = [](const AxisWindow& w, const Range& o) -> Range {
    return {w.first(o.start), w.last(o.end)};
  };
  const auto is_whole = [&](const Rect& seen) {
    return source.windows == nullptr && seen.y.start >= 0 && seen.x.start >= 0 &&
           seen.y.end < source.height && seen.x.end < source.width;
  };
  size_t total = 0;
  for (const Span& span : task.spans) {
    if (span.rect.empty()) continue;
    const Rect seen = {reach(window.y, span.rect.y), reach(window.x, span.rect.x)};
    if (!is_whole(seen)) total += channels * At(seen.area());
  }
  task.scratch.tiles.resize(total);
  task.scratch.pointers.clear();
  float* tile = task.scratch.tiles.data();
  for (const Span& span : task.spans) {
    if (span.rect.empty()) continue;
    const Rect seen = {reach(window.y, span.rect.y), reach(window.x, span.rect.x)};
    ptrdiff_t pitch = ptrdiff_t{source.width} * source.channels;
    const float* begin = nullptr;
    if (is_whole(seen)) {
      begin = source.Row(span.item, seen.y.start, seen.x.start);
    } else {
      begin = tile;
      pitch = ptrdiff_t{seen.x.size()} * source.channels;
      for (int iy = seen.y.start; iy <= seen.y.end; ++iy, tile += pitch) {
        CopyRow(source, span.item, iy, seen.x, tile);
      }
    }
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
      for (int x = span.rect.x.start; x <= span.rect.x.end; ++x) {
        const float* corner = begin + (window.y.first(y) - seen.y.start) * pitch +
                              ptrdiff_t{window.x.first(x) - seen.x.start} * source.channels;
        for (int ky = 0; ky < window.y.kernel; ++ky) {
          task.scratch.pointers.push_back(corner + ptrdiff_t{ky} * window.y.dilation * pitch);
        }
      }
    }
  }
}

}  // namespace

std::string Convolution::Name() const { return "convolution"; }

void Convolution::Visit(ParameterVisitor& visitor) {
  visitor.Visit("units", nullptr, &units);
  visitor.Visit("kernel", " ", &kernel);
  visitor.Visit("stride", "/", &stride);
  visitor.Visit("dilation", "/", &dilation);
  visitor.Visit("padding", " ", &padding);
  visitor.Visit("groups", " groups ", &groups);
  visitor.VisitWeight("weight", weight);
  visitor.VisitWeight("bias", bias);
}

Shape Convolution::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("units", units);
  RequireGroups(groups, in.units, units);
  RequireWeight("weight", weight, {units, in.units / groups, kernel.y, kernel.x});
  if (bias.defined()) RequireWeight("bias", bias, {units});
  return Slide(WindowOf(*this), units, in);
}

Reach Convolution::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  return Reach::Within(WindowOf(*this));
}

void Convolution::MarkChannels(const std::vector<char>& wanted,
                               const std::vector<std::vector<char>*>& inputs) const {
  MarkGroups(groups, wanted, *inputs.front());
}

int64_t Convolution::MultiplyAdds(int64_t channels, int64_t positions) const {
  return channels * positions * (weight.numel() / units);
}

at::Tensor Convolution::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  RequireRightConvolutions();
  at::Tensor x = std::move(inputs.front());
  std::vector<int64_t> around = {padding.top, padding.left};
  if (padding.top != padding.bottom || padding.left != padding.right) {
    x = at::constant_pad_nd(x, {padding.left, padding.right, padding.top, padding.bottom}, 0);
    around = {0, 0};
  }
  return at::conv2d(x, weight, bias, {stride.y, stride.x}, around, {dilation.y, dilation.x},
                    groups);
}

bool Convolution::HasRows(const std::vector<Shape>& /*inputs*/) const { return true; }

std::vector<ChannelRun> Convolution::Divide(const std::vector<char>& wanted) const {
  if (!IsDepthwise(*this)) return DivideGroups(groups, wanted);
  ChannelRun hull = HullOf(wanted);
  hull.common = hull.count == units;
  return {hull};
}

std::shared_ptr<const PackedWeights> Convolution::Pack(const ChannelRun& run,
                                                       const RowKernels& kernels) const {
  const at::Tensor w = weight.to(at::kCPU), b = bias.defined() ? bias.to(at::kCPU) : at::Tensor();
  const float* values = w.data_ptr<float>();
  const float* biases = b.defined() ? b.data_ptr<float>() : nullptr;
  if (IsDepthwise(*this)) {
    const int taps = kernel.y * kernel.x;
    PackedWeights packed;
    packed.columns = run.count;
    packed.depth = taps;
    packed.panels = AlignedFloats(At(taps) * At(run.count));
    packed.bias = AlignedFloats(At(run.count));
    for (int c = 0; c < run.count; ++c) {
      packed.bias.data()[c] = biases == nullptr ? 0.0f : biases[run.first + c];
      for (int tap = 0; tap < taps; ++tap) {
        packed.panels.data()[int64_t{tap} * run.count + c] =
            values[int64_t{run.first + c} * taps + tap];
      }
    }
    return std::make_shared<const PackedWeights>(std::move(packed));
  }
  // A tap's channels beside each other, as rows of activations are.
  const int64_t channels = w.size(1), taps = w.size(2) * w.size(3), depth = channels * taps;
  std::vector<int64_t> place;
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t c = 0; c < channels; ++c) place.push_back(c * taps + tap);
  }
  return std::make_shared<const PackedWeights>(PackWeights(
      kernels, run.count, static_cast<int>(depth),
      [&](int column, int k) { return values[(run.first + column) * depth + place[At(k)]]; },
      [&](int column) { return biases == nullptr ? 0.0f : biases[run.first + column]; }));
}

std::optional<Window> Convolution::SummedWindow() const {
  const bool single = kernel.y == 1 && kernel.x == 1;
  if (single || weight.size(1) < kFewChannels) return {};
  return WindowOf(*this);
}

void Convolution::ComputeRows(const RowTask& task) const {
  const Window window = WindowOf(*this);
  if (task.unchanged != nullptr) return AddChanges(task, window, groups);
  const int channels = task.sources.front().channels;
  RowProduct product;
  product.count = CountRows(task.spans);
  if (product.count == 0) return;
  if (channels < kFewChannels && groups == 1 && window.x.dilation == 1) {
    product.runs = window.y.kernel;
    product.length = window.x.kernel * channels;
    PointAtRows(task, window);
  } else {
    product.runs = window.y.kernel * window.x.kernel;
    product.length = channels / groups;
    PointAtTaps(task, window, product.count);
  }
  product.rows = task.scratch.pointers.data();
  product.stride = task.pitch;
  product.rectification = task.rectification;
  const auto start = Clock::now();
  for (const PackedRun& run : task.runs) {
    product.out = task.out + run.channels.first;
    if (IsDepthwise(*this)) {
      product.offset = run.channels.first;
      MultiplyDepthwise(task.kernels, product, *run.weights);
    } else {
      const int group = run.channels.first / (units / groups);
      product.offset = static_cast<ptrdiff_t>(group) * (channels / groups);
      Multiply(task.kernels, product, *run.weights);
    }
    task.scratch.macs += product.count * run.weights->depth * run.weights->columns;
  }
  task.scratch.product_seconds += SecondsSince(start);
}

std::optional<float> Convolution::Surroundings() const { return 0.0f; }

at::Tensor Convolution::EvaluateTiles(TileTask task) const {
  RequireRightConvolutions();
  const at::Tensor& x = task.inputs.front();
  const auto convolve = [&](const at::Tensor& input, const ChannelRun& run, int in_groups) {
    const std::vector<int64_t> nothing = {0, 0};  // around it: what is there lies there already
    const at::Tensor biases = bias.defined() ? bias.narrow(0, run.first, run.count) : bias;
    return at::conv2d(input, weight.narrow(0, run.first, run.count), biases, {stride.y, stride.x},
                      nothing, {dilation.y, dilation.x}, in_groups);
  };
  if (AreAll(task.runs, units)) return convolve(x, {0, units}, groups);
  const int in = static_cast<int>(x.size(1)) / groups, out = units / groups;
  return JoinRuns(task.runs, units, [&](const ChannelRun& run) {
    if (IsDepthwise(*this)) return convolve(x.narrow(1, run.first, run.count), run, run.count);
    return convolve(x.narrow(1, int64_t{run.first / out} * in, in), run, 1);
  });
}

Recording Convolution::RecordedAs() const { return Recording::kUnlessJoined; }

}  // namespace netdissect
