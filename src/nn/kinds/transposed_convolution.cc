#include "nn/kinds/transposed_convolution.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv_transpose2d.h>

#include <algorithm>

#include "base/clock.h"
#include "netdissect/base/error.h"
#include "netdissect/nn/convolution_check.h"
#include "nn/kinds/channel_parts.h"
#include "nn/kinds/group_runs.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"
#include "nn/tiles/tile_task.h"

namespace netdissect {
namespace {

Window WindowOf(const TransposedConvolution& c) {
  return MakeWindow(c.kernel, c.stride, c.dilation, c.padding, false);
}

int64_t OutputSize(const AxisWindow& window, int input, int more) {
  return (int64_t{input} - 1) * window.stride - window.before - window.after + window.extent() +
         more;
}

AxisReach ReachAlong(const AxisWindow& window) {
  // Input i adds to the outputs i * stride - before + dilation * k.
  AxisReach reach;
  reach.per = window.stride;
  reach.low = int64_t{window.before} - (window.extent() - 1) + window.stride - 1;
  reach.high = window.before;
  return reach;
}

// Output position o takes the taps k for which o + before - dilation * k is a multiple of the
// stride: the taps fall into as many classes as that, and packed weights are in their order.
int ClassOf(const AxisWindow& window, int k) { return k * window.dilation % window.stride; }

std::vector<int> TapsOfClass(const AxisWindow& window, int number) {
  std::vector<int> taps;
  for (int k = 0; k < window.kernel; ++k) {
    if (ClassOf(window, k) == number) taps.push_back(k);
  }
  return taps;
}

// What tap k of output position o lies on; outside of the input it may be anything.
int PositionOf(const AxisWindow& window, int o, int k) {
  return static_cast<int>(AxisReach::FloorDivide(
      int64_t{o} + window.before - int64_t{k} * window.dilation, window.stride));
}

// Taps (as ky * kernel.x + kx) in the order of their classes, those of y first.
std::vector<int> OrderOfTaps(const Window& window) {
  std::vector<int> order;
  for (int cy = 0; cy < window.y.stride; ++cy) {
    for (int cx = 0; cx < window.x.stride; ++cx) {
      for (int ky : TapsOfClass(window.y, cy)) {
        for (int kx : TapsOfClass(window.x, cx)) order.push_back(ky * window.x.kernel + kx);
      }
    }
  }
  return order;
}

// How many taps lie before those of a class.
int FirstOfClass(const std::vector<std::vector<int>>& taps_y,
                 const std::vector<std::vector<int>>& taps_x, int class_y, int class_x) {
  size_t all_x = 0, before_x = 0, before_y = 0;
  for (size_t c = 0; c < taps_x.size(); ++c) {
    all_x += taps_x[c].size();
    if (c < At(class_x)) before_x += taps_x[c].size();
  }
  for (size_t c = 0; c < At(class_y); ++c) before_y += taps_y[c].size();
  return static_cast<int>(before_y * all_x + taps_y[At(class_y)].size() * before_x);
}

}  // namespace

std::string TransposedConvolution::Name() const { return "transposed convolution"; }

void TransposedConvolution::Visit(ParameterVisitor& visitor) {
  visitor.Visit("units", nullptr, &units);
  visitor.Visit("kernel", " ", &kernel);
  visitor.Visit("stride", "/", &stride);
  visitor.Visit("dilation", "/", &dilation);
  visitor.Visit("padding", " ", &padding);
  visitor.Visit("output_padding", " ", &output_padding);
  visitor.Visit("groups", " groups ", &groups);
  visitor.VisitWeight("weight", weight);
  visitor.VisitWeight("bias", bias);
}

Shape TransposedConvolution::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  RequirePositive("units", units);
  RequireGroups(groups, in.units, units);
  RequireWeight("weight", weight, {in.units, units / groups, kernel.y, kernel.x});
  if (bias.defined()) RequireWeight("bias", bias, {units});
  const Window window = WindowOf(*this);
  RequireBounded(window);
  if (output_padding.y < 0 || output_padding.x < 0) {
    Fail("expected an output padding of at least 0, found {} and {}", output_padding.y,
         output_padding.x);
  }
  const int64_t height = OutputSize(window.y, in.height, output_padding.y);
  const int64_t width = OutputSize(window.x, in.width, output_padding.x);
  RequireSizes(height, width);
  return {units, static_cast<int>(height), static_cast<int>(width)};
}

Reach TransposedConvolution::GetReach(const Shape& /*input*/, const Shape& /*output*/) const {
  const Window window = WindowOf(*this);
  return {ReachAlong(window.y), ReachAlong(window.x)};
}

void TransposedConvolution::MarkChannels(const std::vector<char>& wanted,
                                         const std::vector<std::vector<char>*>& inputs) const {
  MarkGroups(groups, wanted, *inputs.front());
}

int64_t TransposedConvolution::MultiplyAdds(int64_t channels, int64_t positions) const {
  // An output position has a tap of `stride` along each axis.
  const int64_t each = (weight.size(0) / groups) * kernel.y * kernel.x;
  return channels * positions * (each / (int64_t{stride.y} * stride.x));
}

at::Tensor TransposedConvolution::Evaluate(std::vector<at::Tensor> inputs,
                                           const Shape& output) const {
  RequireRightConvolutions();
  return Spread(inputs.front(), weight, bias, groups, output);
}

// All that the input adds, cut to the output: padding may be uneven, and an output padding any.
at::Tensor TransposedConvolution::Spread(const at::Tensor& input, const at::Tensor& weights,
                                         const at::Tensor& biases, int in_groups,
                                         const Shape& output) const {
  at::Tensor all = at::conv_transpose2d(input, weights, {}, {stride.y, stride.x}, {0, 0}, {0, 0},
                                        in_groups, {dilation.y, dilation.x});
  const int64_t below = output.height + padding.top - all.size(2);
  const int64_t right = output.width + padding.left - all.size(3);
  if (padding.top != 0 || padding.left != 0 || below != 0 || right != 0) {
    all = at::constant_pad_nd(all, {-padding.left, right, -padding.top, below}, 0);
  }
  return biases.defined() ? all + biases.view({1, -1, 1, 1}) : all;
}

bool TransposedConvolution::HasRows(const std::vector<Shape>& /*inputs*/) const { return true; }

std::vector<ChannelRun> TransposedConvolution::Divide(const std::vector<char>& wanted) const {
  return DivideGroups(groups, wanted);
}

std::shared_ptr<const PackedWeights> TransposedConvolution::Pack(const ChannelRun& run,
                                                                 const RowKernels& kernels) const {
  const at::Tensor w = weight.to(at::kCPU), b = bias.defined() ? bias.to(at::kCPU) : at::Tensor();
  const float* values = w.data_ptr<float>();
  const float* biases = b.defined() ? b.data_ptr<float>() : nullptr;
  const int64_t channels = w.size(0) / groups, out = w.size(1), taps = w.size(2) * w.size(3);
  const int64_t group = run.first / out;
  const std::vector<int> order = OrderOfTaps(WindowOf(*this));
  return std::make_shared<const PackedWeights>(PackWeights(
      kernels, run.count, static_cast<int>(channels * taps),
      [&](int column, int k) {
        // A tap's channels beside each other, as rows of activations are.
        const int64_t tap = order[static_cast<size_t>(k / channels)];
        const int64_t channel = group * channels + k % channels;
        return values[(channel * out + run.first - group * out + column) * taps + tap];
      },
      [&](int column) { return biases == nullptr ? 0.0f : biases[run.first + column]; }));
}

void TransposedConvolution::ComputeRows(const RowTask& task) const {
  const Window window = WindowOf(*this);
  const RowSource& source = task.sources.front();
  const int channels = source.channels / groups;
  std::vector<std::vector<int>> taps_y, taps_x;
  for (int c = 0; c < stride.y; ++c) taps_y.push_back(TapsOfClass(window.y, c));
  for (int c = 0; c < stride.x; ++c) taps_x.push_back(TapsOfClass(window.x, c));
  const float* zeros = task.scratch.Zeros(At(source.channels));
  RowProduct product;
  product.length = channels;
  product.rectification = task.rectification;
  product.stride = task.pitch * stride.x;
  const auto start = Clock::now();
  float* out = task.out;
  for (const Span& span : task.spans) {
    for (int y = span.rect.y.start; y <= span.rect.y.end; ++y) {
      const int class_y = (y + padding.top) % stride.y;
      const std::vector<int>& rows = taps_y[At(class_y)];
      // Positions of a row that take the same taps.
      for (int x = span.rect.x.start;
           x <= std::min(span.rect.x.end, span.rect.x.start + stride.x - 1); ++x) {
        const int class_x = (x + padding.left) % stride.x;
        const std::vector<int>& columns = taps_x[At(class_x)];
        std::vector<const float*>& pointers = task.scratch.pointers;
        pointers.clear();
        product.count = 0;
        for (int at = x; at <= span.rect.x.end; at += stride.x, ++product.count) {
          for (int ky : rows) {
            const int iy = PositionOf(window.y, y, ky);
            for (int kx : columns) {
              const int ix = PositionOf(window.x, at, kx);
              const bool inside = iy >= 0 && iy < source.height && ix >= 0 && ix < source.width;
              pointers.push_back(inside ? source.Row(span.item, iy, ix) : zeros);
            }
          }
        }
        product.runs = static_cast<int>(rows.size() * columns.size());
        product.rows = pointers.data();
        product.first = channels * FirstOfClass(taps_y, taps_x, class_y, class_x);
        for (const PackedRun& run : task.runs) {
          product.offset = ptrdiff_t{run.channels.first / (units / groups)} * channels;
          product.out = out + (x - span.rect.x.start) * task.pitch + run.channels.first;
          Multiply(task.kernels, product, *run.weights);
        }
      }
      out += span.rect.x.size() * task.pitch;
    }
  }
  for (const PackedRun& run : task.runs) {
    task.scratch.macs += MultiplyAdds(run.channels.count, CountRows(task.spans));
  }
  task.scratch.product_seconds += SecondsSince(start);
}

std::optional<Window> TransposedConvolution::SummedWindow() const { return {}; }

std::optional<float> TransposedConvolution::Surroundings() const { return std::nullopt; }

at::Tensor TransposedConvolution::EvaluateTiles(TileTask task) const {
  if (AreAll(task.runs, units)) return Evaluate(std::move(task.inputs), task.output);
  RequireRightConvolutions();
  const at::Tensor& x = task.inputs.front();
  const int64_t in = x.size(1) / groups;
  const int out = units / groups;
  return JoinRuns(task.runs, units, [&](const ChannelRun& run) {
    const int group = run.first / out;
    return Spread(x.narrow(1, group * in, in),
                  weight.narrow(0, group * in, in).narrow(1, run.first - group * out, run.count),
                  bias.defined() ? bias.narrow(0, run.first, run.count) : bias, 1, task.output);
  });
}

Recording TransposedConvolution::RecordedAs() const { return Recording::kUnlessJoined; }

}  // namespace netdissect
