#include "nn/import/windows.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "base/limits.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pad.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"

namespace netdissect {
namespace {

Padding Added(const Padding& a, const Padding& b) {
  return {a.top + b.top, a.left + b.left, a.bottom + b.bottom, a.right + b.right};
}

bool IsAny(const Padding& p) { return p.top != 0 || p.left != 0 || p.bottom != 0 || p.right != 0; }

// Whether no value can be below zero, so that zeros of a Pad never are a window's only maximum.
bool IsNonNegative(const Network& network, int index) {
  const Layer& layer = network.layer(index);
  if (const auto* relu = layer.kind.As<Relu>()) {
    return relu->slope == 0 && !relu->slopes.defined();
  }
  if (const auto* softmax = layer.kind.As<Softmax>()) return !softmax->log;
  const bool keeps_sign =
      layer.kind.Is<Pooling>() || layer.kind.Is<Dropout>() || layer.kind.Is<LocalResponseNorm>();
  return keeps_sign && IsNonNegative(network, layer.inputs[0]);
}

// A pooling's padding is not made of zeros; it can stand for them only in some cases.
bool TakesUp(const GraphBuilder& graph, const View& x, const Pooling& pooling) {
  const Extent& k = pooling.kernel;
  const bool window_sees_image =
      x.zeros.top < k.y && x.zeros.bottom < k.y && x.zeros.left < k.x && x.zeros.right < k.x;
  const bool plain =
      !pooling.ceil && window_sees_image && pooling.dilation.y == 1 && pooling.dilation.x == 1;
  if (pooling.method == Pooling::Method::kMax) {
    return plain && IsNonNegative(graph.network(), x.layer);
  }
  return plain && (pooling.count_padding || !IsAny(pooling.padding));
}

bool IsLayer(const GraphBuilder& graph, const View& x) {
  return x.axes == LayerAxes(graph.ShapeOf(x));
}

}  // namespace

Extent ExtentFrom(const std::vector<int64_t>& numbers, const std::string& what) {
  if (numbers.size() != 2) Fail("{}: expected two numbers, found {}", what, numbers.size());
  for (const int64_t number : numbers) {
    if (number < 1 || number > kLongestSide) {
      Fail("{}: expected 1 to {}, found {}", what, kLongestSide, number);
    }
  }
  return {static_cast<int>(numbers[0]), static_cast<int>(numbers[1])};
}

Padding PaddingFrom(const std::vector<int64_t>& numbers, const std::string& what) {
  if (numbers.size() != 4) Fail("{}: expected four numbers, found {}", what, numbers.size());
  for (const int64_t number : numbers) {
    if (number < 0 || number > kLongestSide) {
      Fail("{}: expected 0 to {}, found {}", what, kLongestSide, number);
    }
  }
  return {static_cast<int>(numbers[0]), static_cast<int>(numbers[1]), static_cast<int>(numbers[2]),
          static_cast<int>(numbers[3])};
}

View Convolve(GraphBuilder& graph, const std::string& name, const View& x, Convolution c,
              const std::string& weight_name) {
  const bool takes_up = x.padded() && IsLayer(graph, x);
  const View in = takes_up ? x : graph.Plain4d(x);
  const int channels = graph.ShapeOf(in).units;
  if (c.weight.dim() != 4) {
    Fail("{}: expected 4 dimensions, found {}", weight_name, c.weight.dim());
  }
  const int64_t units = c.weight.size(0);
  if (c.groups < 1 || c.groups > channels || channels % c.groups != 0 || units % c.groups != 0) {
    Fail("group: expected a divisor of {} inputs and {} outputs, found {}", channels, units,
         c.groups);
  }
  const std::vector<int64_t> expected = {units, channels / c.groups, c.kernel.y, c.kernel.x};
  if (c.weight.sizes().vec() != expected) {
    Fail("{}: expected {}, found {}", weight_name, fmt::join(expected, " x "),
         fmt::join(c.weight.sizes().vec(), " x "));
  }
  c.units = static_cast<int>(units);
  if (takes_up) c.padding = Added(c.padding, x.zeros);
  const View result = graph.Add(name, c, {in.layer});
  if (takes_up) graph.TakeUp(x, result.layer);
  return result;
}

View ConvolveTransposed(GraphBuilder& graph, const std::string& name, const View& x,
                        TransposedConvolution c) {
  const View in = graph.Plain4d(x);
  const int channels = graph.ShapeOf(in).units;
  if (c.weight.dim() != 4) Fail("weight: expected 4 dimensions, found {}", c.weight.dim());
  if (c.groups < 1 || channels % c.groups != 0) {
    Fail("group: expected a divisor of {} inputs, found {}", channels, c.groups);
  }
  c.units = static_cast<int>(c.weight.size(1)) * c.groups;
  return graph.Add(name, c, {in.layer});
}

View PoolWindows(GraphBuilder& graph, const std::string& name, const View& x, Pooling pooling) {
  const bool takes_up = x.padded() && IsLayer(graph, x) && TakesUp(graph, x, pooling);
  const View in = takes_up ? x : graph.Plain4d(x);
  if (takes_up) {
    pooling.padding = Added(pooling.padding, x.zeros);
    if (pooling.method == Pooling::Method::kAverage) pooling.count_padding = true;
  }
  const View result = graph.Add(name, pooling, {in.layer});
  if (takes_up) graph.TakeUp(x, result.layer);
  return result;
}

View PoolAdaptively(GraphBuilder& graph, const std::string& name, const View& padded,
                    const Extent& output, Pooling::Method method) {
  const View x = graph.Plain4d(padded);
  const Shape& shape = graph.ShapeOf(x);
  if (output.y == 1 && output.x == 1) {
    return method == Pooling::Method::kMax ? graph.Add(name, GlobalMaxPooling{}, {x.layer})
                                           : graph.Add(name, GlobalAveragePooling{}, {x.layer});
  }
  if (output.y == shape.height && output.x == shape.width) return graph.Alias(name, x);
  if (shape.height % output.y != 0 || shape.width % output.x != 0) {
    FailUnsupported("pooling of {} x {} positions to {} x {}, in unequal parts", shape.height,
                    shape.width, output.y, output.x);
  }
  Pooling pooling;
  pooling.method = method;
  pooling.kernel = pooling.stride = {shape.height / output.y, shape.width / output.x};
  pooling.dilation = {1, 1};
  return graph.Add(name, pooling, {x.layer});
}

View PadAxes(GraphBuilder& graph, const std::string& name, const View& padded, PadMode mode,
             float value, const std::vector<int64_t>& before, const std::vector<int64_t>& after) {
  View x = graph.Unpadded(padded);
  if (before.size() != x.axes.size() || after.size() != x.axes.size()) {
    Fail("pads: expected {} numbers, found {}", 2 * x.axes.size(), before.size() + after.size());
  }
  Padding around;
  for (size_t i = 0; i < x.axes.size(); ++i) {
    if (before[i] == 0 && after[i] == 0) continue;
    if (std::max(before[i], after[i]) > kLongestSide) {
      Fail("pads: expected at most {}, found {} and {}", kLongestSide, before[i], after[i]);
    }
    if (std::min(before[i], after[i]) < 0) {  // cuts off
      const int64_t size = SizeOf(x.axes[i]);
      x = Slice(graph, name + "/cut", x, i, std::max<int64_t>(-before[i], 0),
                size - std::max<int64_t>(-after[i], 0), 1);
      if (std::max(before[i], after[i]) <= 0) continue;
    }
    const Shape& shape = graph.ShapeOf(x);
    const auto b = static_cast<int>(std::max<int64_t>(before[i], 0)),
               a = static_cast<int>(std::max<int64_t>(after[i], 0));
    // An axis of size 1 has no part: only its place says which it is.
    const bool four = x.axes.size() == 4;
    if (x.axes[i] == WholeAxis(Origin::kH, shape.height) &&
        (shape.height > 1 || (four && i == 2))) {
      around.top = b;
      around.bottom = a;
    } else if (x.axes[i] == WholeAxis(Origin::kW, shape.width) &&
               (shape.width > 1 || (four && i == 3))) {
      around.left = b;
      around.right = a;
    } else {
      FailUnsupported("pads: only padding of height and width is supported, found {} and {}",
                      fmt::join(before, ", "), fmt::join(after, ", "));
    }
  }
  if (!IsAny(around)) return graph.Alias(name, x);
  if (mode == PadMode::kConstant && value == 0 && IsLayer(graph, x)) {
    x.zeros = around;
    x.name = name;
    return x;
  }
  Pad pad;
  pad.mode = mode == PadMode::kReflect     ? Pad::Mode::kReflect
             : mode == PadMode::kReplicate ? Pad::Mode::kReplicate
                                           : Pad::Mode::kConstant;
  pad.padding = around;
  pad.value = value;
  Axes axes = x.axes;
  const Shape shape = graph.ShapeOf(x);
  for (Axis& axis : axes) {
    if (axis == WholeAxis(Origin::kH, shape.height) && shape.height > 1) {
      axis = WholeAxis(Origin::kH, shape.height + around.top + around.bottom);
    } else if (axis == WholeAxis(Origin::kW, shape.width) && shape.width > 1) {
      axis = WholeAxis(Origin::kW, shape.width + around.left + around.right);
    }
  }
  if (IsLayer(graph, x)) return graph.Add(name, pad, {x.layer});
  return graph.Add(name, pad, {x.layer}, std::move(axes));
}

View ResizeImage(GraphBuilder& graph, const std::string& name, const View& x,
                 const Resize& resize) {
  const View in = graph.Plain4d(x);
  const Shape& shape = graph.ShapeOf(in);
  if (resize.size.y == shape.height && resize.size.x == shape.width && resize.scale_y <= 1 &&
      resize.scale_x <= 1) {
    return graph.Alias(name, in);
  }
  return graph.Add(name, resize, {in.layer});
}

View DepthToSpace(GraphBuilder& graph, const std::string& name, const View& x, int64_t factor,
                  bool channels_first) {
  const View in = graph.Plain4d(x);
  const Shape shape = graph.ShapeOf(in);
  const int64_t rest = shape.units / std::max<int64_t>(factor * factor, 1);
  if (factor < 1 || rest * factor * factor != shape.units) {
    Fail("expected a block size whose square divides {} channels, found {}", shape.units, factor);
  }
  const std::vector<int64_t> depth = channels_first ? std::vector<int64_t>{rest, factor, factor}
                                                    : std::vector<int64_t>{factor, factor, rest};
  const std::vector<int64_t> order = channels_first ? std::vector<int64_t>{0, 1, 4, 2, 5, 3}
                                                    : std::vector<int64_t>{0, 3, 4, 1, 5, 2};
  View split =
      Reshape(graph, "", in, {kBatch, depth[0], depth[1], depth[2], shape.height, shape.width});
  split = Permute(graph, "", split, order);
  return graph.Plain(
      Reshape(graph, name, split, {kBatch, rest, shape.height * factor, shape.width * factor}));
}

View SpaceToDepth(GraphBuilder& graph, const std::string& name, const View& x, int64_t factor,
                  bool channels_first) {
  const View in = graph.Plain4d(x);
  const Shape shape = graph.ShapeOf(in);
  if (factor < 1 || shape.height % factor != 0 || shape.width % factor != 0) {
    Fail("expected a block size that divides {} x {} positions, found {}", shape.height,
         shape.width, factor);
  }
  const int64_t height = shape.height / factor, width = shape.width / factor;
  View split = Reshape(graph, "", in, {kBatch, shape.units, height, factor, width, factor});
  split = Permute(graph, "", split,
                  channels_first ? std::vector<int64_t>{0, 1, 3, 5, 2, 4}
                                 : std::vector<int64_t>{0, 3, 5, 1, 2, 4});
  return graph.Plain(
      Reshape(graph, name, split, {kBatch, shape.units * factor * factor, height, width}));
}

}  // namespace netdissect
