#include "nn/kinds/transposed_convolution.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv_transpose2d.h>

#include <algorithm>

#include "base/clock.h"
#include "netdissect/base/error.h"
#include "nn/kinds/group_runs.h"
#include "nn/kinds/shape_check.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/row_task.h"

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

// The input position whose tap k falls on output o; -1 where there is none.
int PositionOf(const AxisWindow& window, int o, int k, int input) {
  const int moved = o + window.before - k * window.dilation;
  if (moved < 0 || moved % window.stride != 0) return -1;
  return moved / window.stride < input ? moved / window.stride : -1;
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
  // All that the input adds, cut to the output: padding may be uneven, and an output padding any.
  at::Tensor all = at::conv_transpose2d(inputs.front(), weight, {}, {stride.y, stride.x}, {0, 0},
                                        {0, 0}, groups, {dilation.y, dilation.x});
  const int64_t below = output.height + padding.top - all.size(2);
  const int64_t right = output.width + padding.left - all.size(3);
  if (padding.top != 0 || padding.left != 0 || below != 0 || right != 0) {
    all = at::constant_pad_nd(all, {-padding.left, right, -padding.top, below}, 0);
  }
  return bias.defined() ? all + bias.view({1, -1, 1, 1}) : all;
}

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
  return std::make_shared<const PackedWeights>(PackWeights(
      kernels, run.count, static_cast<int>(channels * taps),
      [&](int column, int k) {
        // A tap's channels beside each other, as rows of activations are.
        const int64_t tap = k / channels, channel = group * channels + k % channels;
        return values[(channel * out + run.first - group * out + column) * taps + tap];
      },
      [&](int column) { return biases == nullptr ? 0.0f : biases[run.first + column]; }));
}

void TransposedConvolution::ComputeRows(const RowTask& task) const {
  const Window window = WindowOf(*this);
  const RowSource& source = task.sources.front();
  RowProduct product;
  product.count = CountRows(task.spans);
  if (product.count == 0) return;
  std::vector<const float*>& pointers = task.scratch.pointers;
  pointers.clear();
  std::vector<float>& nothing = task.scratch.zeros;
  if (nothing.size() < At(source.channels)) nothing.assign(At(source.channels), 0.0f);
  ForEachPosition(task.spans, [&](int item, int y, int x) {
    for (int ky = 0; ky < kernel.y; ++ky) {
      const int iy = PositionOf(window.y, y, ky, source.height);
      for (int kx = 0; kx < kernel.x; ++kx) {
        const int ix = PositionOf(window.x, x, kx, source.width);
        pointers.push_back(iy >= 0 && ix >= 0 ? source.Row(item, iy, ix) : nothing.data());
      }
    }
  });
  product.runs = kernel.y * kernel.x;
  product.length = source.channels / groups;
  product.rows = pointers.data();
  product.stride = task.output.units;
  product.rectify = task.rectify;
  product.slope = task.slope;
  const auto start = Clock::now();
  for (const PackedRun& run : task.runs) {
    const int group = run.channels.first / (units / groups);
    product.offset = static_cast<ptrdiff_t>(group) * (source.channels / groups);
    product.out = task.out + run.channels.first;
    Multiply(task.kernels, product, *run.weights);
    task.scratch.macs += MultiplyAdds(run.channels.count, product.count);
  }
  task.scratch.product_seconds += SecondsSince(start);
}

Recording TransposedConvolution::RecordedAs() const { return Recording::kUnlessJoined; }

}  // namespace netdissect
