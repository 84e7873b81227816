#include "nn/import/reductions.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "nn/import/elementwise.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/channel_norm.h"
#include "nn/kinds/channel_reduction.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/group_norm.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/softmax.h"

namespace netdissect {
namespace {

// Number of values of an origin along some axes; 1 where none is of it.
int64_t CountOf(const Axes& axes, const std::vector<size_t>& which, Origin of) {
  int64_t count = 1;
  for (const size_t i : which) {
    for (const AxisPart& part : axes[i]) count *= part.of == of ? part.size : 1;
  }
  return count;
}

std::string Shown(const Axes& axes, const std::vector<int64_t>& which) {
  return fmt::format("axes {} of {}", fmt::join(which, ", "), ToString(SizesOf(axes)));
}

View Scaled(GraphBuilder& graph, const std::string& name, const View& x, double factor) {
  return Combine(graph, name, Arithmetic::kMultiply, x, at::full({}, factor), false);
}

void RequirePerChannel(const GraphBuilder& graph, const View& x, const at::Tensor& numbers) {
  const int64_t units = graph.ShapeOf(x).units;
  if (numbers.defined() && numbers.sizes().vec() != std::vector<int64_t>{units}) {
    Fail("expected {} numbers, one for each channel, found {}", units,
         ToString(numbers.sizes().vec()));
  }
}

}  // namespace

View WithChannelsSecond(GraphBuilder& graph, const View& padded) {
  const View x = graph.Unpadded(padded);
  const bool is_second =
      x.axes.size() > 1 && x.axes[1] == WholeAxis(Origin::kC, graph.ShapeOf(x).units);
  return is_second ? x : graph.Plain(x);
}

View Multiply(GraphBuilder& graph, const std::string& name, const View& padded,
              const at::Tensor& weight, const at::Tensor& bias) {
  const View x = graph.Unpadded(padded);
  const Shape shape = graph.ShapeOf(x);
  if (weight.dim() != 2) Fail("expected a weight of 2 dimensions, found {}", weight.dim());
  if (x.axes.size() < 2) FailUnsupported("a product with {}", ToString(SizesOf(x.axes)));
  const Axis& last = x.axes.back();
  if (SizeOf(last) != weight.size(1)) {
    Fail("expected a weight for {} inputs, found {} x {}",
         ToString(std::vector<int64_t>{SizeOf(last)}), weight.size(0), weight.size(1));
  }
  const std::vector<int64_t> places = PlacesAlong(last, shape);
  const int64_t values = int64_t{shape.units} * shape.height * shape.width;
  // Columns in the layer's order.
  const auto reordered = [&](int64_t columns) {
    const at::Tensor order = at::empty({columns}, at::kLong);
    for (size_t i = 0; i < places.size(); ++i) {
      const int64_t place =
          columns == values ? places[i] : places[i] / (int64_t{shape.height} * shape.width);
      order.data_ptr<int64_t>()[place] = static_cast<int64_t>(i);
    }
    return weight.to(at::kFloat).index_select(1, order);
  };
  const auto units = static_cast<int>(weight.size(0));
  if (static_cast<int64_t>(places.size()) == values) {  // everything: only the batch beside it
    InnerProduct product;
    product.units = units;
    product.weight = reordered(values);
    product.bias = bias;
    Axes axes(x.axes.begin(), x.axes.end() - 1);
    axes.push_back(WholeAxis(Origin::kC, units));
    return graph.Add(name, product, {x.layer}, std::move(axes));
  }
  if (!IsOnly(last, Origin::kC) || static_cast<int64_t>(places.size()) != shape.units) {
    FailUnsupported("a product along an axis that is not all channels, of {}",
                    ToString(SizesOf(x.axes)));
  }
  Convolution convolution;
  convolution.units = units;
  convolution.weight = reordered(shape.units).view({units, shape.units, 1, 1});
  convolution.bias = bias;
  Axes axes(x.axes.begin(), x.axes.end() - 1);
  axes.push_back(WholeAxis(Origin::kC, units));
  return graph.Add(name, convolution, {x.layer}, std::move(axes));
}

View Reduce(GraphBuilder& graph, const std::string& name, Reduction what, const View& padded,
            const std::vector<int64_t>& asked, bool keep) {
  const View x = graph.Unpadded(padded);
  if (what == Reduction::kMin) {
    const View negative = Scaled(graph, name + "/negative", x, -1);
    return Scaled(graph, name, Reduce(graph, name + "/max", Reduction::kMax, negative, asked, keep),
                  -1);
  }
  const Shape shape = graph.ShapeOf(x);
  const std::vector<size_t> which = AxesAt(asked, x.axes.size());
  const int64_t c = CountOf(x.axes, which, Origin::kC), h = CountOf(x.axes, which, Origin::kH),
                w = CountOf(x.axes, which, Origin::kW);
  const auto whole = [](int64_t count, int size) { return count == 1 || count == size; };
  if (CountOf(x.axes, which, Origin::kN) != 1 || !whole(c, shape.units) ||
      !whole(h, shape.height) || !whole(w, shape.width)) {
    FailUnsupported("a reduction over a part of channels or positions, or over the batch: {}",
                    Shown(x.axes, asked));
  }
  Axes axes = x.axes;
  for (const size_t i : which) axes[i].clear();
  View result = x;
  const bool positions = h > 1 || w > 1, channels = c > 1;
  if (what == Reduction::kNorm2 && positions) {
    FailUnsupported("a norm over positions: {}", Shown(x.axes, asked));
  }
  if (positions) {
    const std::string step = channels ? name + "/positions" : name;
    if (what == Reduction::kMax) {
      GlobalMaxPooling pooling;
      pooling.over_y = h > 1;
      pooling.over_x = w > 1;
      result = graph.Add(step, pooling, {result.layer}, axes);
    } else {
      GlobalAveragePooling pooling;
      pooling.over_y = h > 1;
      pooling.over_x = w > 1;
      const bool sum = what == Reduction::kSum;
      result = graph.Add(sum ? step + "/mean" : step, pooling, {result.layer}, axes);
      if (sum) result = Scaled(graph, step, result, static_cast<double>(h * w));
    }
  }
  if (channels) {
    ChannelReduction reduction;
    using Method = ChannelReduction::Method;
    reduction.method = what == Reduction::kMax    ? Method::kMax
                       : what == Reduction::kSum  ? Method::kSum
                       : what == Reduction::kMean ? Method::kMean
                                                  : Method::kNorm2;
    result = graph.Add(name, reduction, {result.layer}, axes);
  }
  if (what == Reduction::kNorm2 && !channels) {  // of one number
    result = ApplyToEach(graph, name, result, Pointwise(Pointwise::Function::kAbs));
  }
  Axes left;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (keep || !std::binary_search(which.begin(), which.end(), i)) left.push_back(axes[i]);
  }
  return graph.Alias(name, result, std::move(left));
}

View SoftmaxAlong(GraphBuilder& graph, const std::string& name, const View& padded, int64_t axis,
                  bool log) {
  View x = graph.Unpadded(padded);
  const size_t place = AxisAt(axis, x.axes.size());
  const auto is_channels = [&] {
    return x.axes[place] == WholeAxis(Origin::kC, graph.ShapeOf(x).units);
  };
  if (!is_channels() && place == 1 && (x.axes.size() == 2 || x.axes.size() == 4))
    x = graph.Plain(x);
  if (!is_channels()) {
    FailUnsupported("axis: only a softmax over channels is supported, found {}", axis);
  }
  Softmax softmax;
  softmax.log = log;
  return graph.Add(name, softmax, {x.layer}, x.axes);
}

View NormalizeLayer(GraphBuilder& graph, const std::string& name, const View& padded, int64_t count,
                    const at::Tensor& scale, const at::Tensor& shift, float epsilon) {
  const View x = graph.Unpadded(padded);
  const Shape shape = graph.ShapeOf(x);
  const auto rank = static_cast<int64_t>(x.axes.size());
  std::vector<size_t> which;
  for (int64_t i = rank - count; i < rank; ++i) which.push_back(AxisAt(i, x.axes.size()));
  const int64_t c = CountOf(x.axes, which, Origin::kC), h = CountOf(x.axes, which, Origin::kH),
                w = CountOf(x.axes, which, Origin::kW);
  const auto channelwise = [&](const at::Tensor& numbers) {
    return numbers.defined() ? PerChannel(graph, x, numbers) : at::Tensor();
  };
  if (c == shape.units && h == 1 && w == 1) {
    ChannelNorm norm;
    norm.epsilon = epsilon;
    norm.scale = channelwise(scale);
    norm.shift = channelwise(shift);
    return graph.Add(name, norm, {x.layer}, x.axes);
  }
  if (c == shape.units && h == shape.height && w == shape.width) {
    GroupNorm norm;
    norm.groups = 1;
    norm.epsilon = epsilon;
    norm.scale = channelwise(scale);
    norm.shift = channelwise(shift);
    return graph.Add(name, norm, {x.layer}, x.axes);
  }
  FailUnsupported("a normalisation over the last {} axes of {}", count, ToString(SizesOf(x.axes)));
}

View NormalizeGroups(GraphBuilder& graph, const std::string& name, const View& padded,
                     int64_t groups, const at::Tensor& scale, const at::Tensor& shift,
                     float epsilon) {
  const View x = graph.Unpadded(padded);
  const Shape shape = graph.ShapeOf(x);
  if (groups < 1 || shape.units % groups != 0) {
    Fail("expected groups that divide {} channels, found {}", shape.units, groups);
  }
  GroupNorm norm;
  norm.groups = static_cast<int>(groups);
  norm.epsilon = epsilon;
  norm.scale = scale;
  norm.shift = shift;
  return graph.Add(name, norm, {x.layer}, x.axes);
}

View NormalizeBatch(GraphBuilder& graph, const std::string& name, const View& padded,
                    const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& mean,
                    const at::Tensor& variance, double epsilon) {
  const View x = WithChannelsSecond(graph, padded);
  for (const at::Tensor& numbers : {scale, shift, mean, variance}) {
    RequirePerChannel(graph, x, numbers);
  }
  const at::Tensor deviation = (variance.to(at::kDouble) + epsilon).rsqrt();
  if (!at::isfinite(deviation).all().item<bool>()) {
    Fail("expected variances of which epsilon makes positive numbers, found others");
  }
  const at::Tensor factor = scale.defined() ? scale.to(at::kDouble) * deviation : deviation;
  at::Tensor term = -mean.to(at::kDouble) * factor;
  if (shift.defined()) term = term + shift.to(at::kDouble);
  return ApplyToEach(graph, name, x, Affine(factor.to(at::kFloat), term.to(at::kFloat)));
}

}  // namespace netdissect
