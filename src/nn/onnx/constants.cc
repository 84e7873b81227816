// Operators of ONNX on constants alone: weights behind transpositions and casts, quantised weights,
// and the arithmetic of sizes with which exporters write what depends on none of the image's
// pixels.

#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <limits>
#include <numeric>

#include "base/limits.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"
#include "nn/onnx/graph.h"
#include "nn/onnx/tensor.h"

namespace netdissect {
namespace {

int64_t Checked(const std::vector<int64_t>& sizes) {
  int64_t numbers = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || size > kMostConstants ||
        (numbers *= std::max<int64_t>(size, 1)) > kMostConstants) {
      Fail("expected the sizes of a constant, found {}", ToString(sizes));
    }
  }
  return numbers;
}

void FoldConstant(OnnxGraph& graph, const OnnxNode& node) {
  if (const onnx::TensorProto* tensor = node.Tensor("value")) {
    return graph.Set(node, graph.Decode(*tensor));
  }
  if (node.Has("value_int"))
    return graph.Set(node, at::full({}, node.Int("value_int", 0), at::kLong));
  if (node.Has("value_ints"))
    return graph.Set(node, at::tensor(node.Ints("value_ints", {}), at::kLong));
  if (node.Has("value_float")) return graph.Set(node, at::full({}, node.Float("value_float", 0)));
  if (node.Has("value_floats")) return graph.Set(node, at::tensor(node.Floats("value_floats")));
  FailUnsupported("expected an attribute value, value_int(s) or value_float(s), found none");
}

void FoldConstantOfShape(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<int64_t> sizes = graph.Numbers(node, 0);
  Checked(sizes);
  const onnx::TensorProto* value = node.Tensor("value");
  if (value == nullptr) return graph.Set(node, at::full(sizes, 0.0f));
  const at::Tensor number = graph.Decode(*value);
  if (number.numel() != 1) Fail("attribute value: expected one number, found others");
  graph.Set(node, number.reshape({}).expand(sizes).contiguous());
}

void FoldRange(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor first = graph.Constant(node, 0);
  const double start = graph.Number(node, 0), limit = graph.Number(node, 1),
               delta = graph.Number(node, 2);
  if (delta == 0 || std::abs((limit - start) / delta) > 1e6) {
    Fail("expected at most a million numbers from {} to {} in steps of {}", start, limit, delta);
  }
  const bool none = (limit - start) / delta <= 0;
  graph.Set(node, none ? at::empty({0}, first.options())
                       : at::arange(start, limit, delta, first.options()));
}

void FoldExpand(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  std::vector<int64_t> sizes = graph.Numbers(node, 1);
  // Sizes of 1 keep what the tensor has.
  for (size_t i = 0; i < sizes.size(); ++i) {
    const auto from_end = static_cast<int64_t>(sizes.size() - i);
    if (sizes[i] == 1 && from_end <= x.dim()) sizes[i] = x.size(-from_end);
  }
  Checked(sizes);
  graph.Set(node, x.expand(sizes).contiguous());
}

void FoldReshape(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  std::vector<int64_t> sizes = graph.Numbers(node, 1, "shape", {});
  const bool allow_zero = node.Int("allowzero", 0) != 0;
  int64_t known = 1, open = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && !allow_zero && i < static_cast<size_t>(x.dim())) {
      sizes[i] = x.size(static_cast<int64_t>(i));
    }
    open += sizes[i] == -1 ? 1 : 0;
    if (sizes[i] != -1) known = Checked({known, sizes[i]});
  }
  const bool fits =
      open == 0 ? known == x.numel() : open == 1 && known > 0 && x.numel() % known == 0;
  if (!fits) {
    Fail("expected a shape of {} numbers, found {}", x.numel(), fmt::join(sizes, ", "));
  }
  graph.Set(node, x.reshape(sizes));
}

void FoldTranspose(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  std::vector<int64_t> reversed(static_cast<size_t>(x.dim()));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const std::vector<int64_t> order = node.Ints("perm", reversed);
  if (order.size() != reversed.size()) Fail("attribute perm: expected {} axes", x.dim());
  AxesAt(order, order.size());
  graph.Set(node, x.permute(order).contiguous());
}

void FoldSqueeze(OnnxGraph& graph, const OnnxNode& node) {
  at::Tensor x = graph.Constant(node, 0);
  const std::vector<size_t> axes =
      AxesAt(graph.Numbers(node, 1, "axes", {}), static_cast<size_t>(x.dim()));
  std::vector<int64_t> sizes;
  for (int64_t i = 0; i < x.dim(); ++i) {
    const bool named = std::binary_search(axes.begin(), axes.end(), static_cast<size_t>(i));
    if (named && x.size(i) != 1) Fail("axes: expected axes of size 1, found {}", x.size(i));
    if (axes.empty() ? x.size(i) != 1 : !named) sizes.push_back(x.size(i));
  }
  graph.Set(node, x.reshape(sizes));
}

void FoldUnsqueeze(OnnxGraph& graph, const OnnxNode& node) {
  at::Tensor x = graph.Constant(node, 0);
  const std::vector<int64_t> asked = graph.Numbers(node, 1, "axes", {});
  const size_t rank = static_cast<size_t>(x.dim()) + asked.size();
  if (rank > 8) Fail("axes: expected at most 8 dimensions, found {}", rank);
  for (const size_t axis : AxesAt(asked, rank)) x = x.unsqueeze(static_cast<int64_t>(axis));
  graph.Set(node, x);
}

void FoldConcat(OnnxGraph& graph, const OnnxNode& node) {
  std::vector<at::Tensor> parts;
  for (int i = 0; i < node.CountInputs(); ++i) parts.push_back(graph.Constant(node, i));
  if (parts.empty()) Fail("expected inputs, found none");
  const size_t axis = AxisAt(node.Int("axis", 1), static_cast<size_t>(parts.front().dim()));
  graph.Set(node, at::cat(parts, static_cast<int64_t>(axis)));
}

void FoldGather(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0), places = graph.Constant(node, 1);
  const auto axis = static_cast<int64_t>(AxisAt(node.Int("axis", 0), static_cast<size_t>(x.dim())));
  if (places.is_floating_point()) Fail("expected integers as indices");
  const int64_t size = x.size(axis);
  at::Tensor flat = places.reshape({-1}).clone();
  for (int64_t i = 0; i < flat.numel(); ++i) {
    int64_t& index = flat.data_ptr<int64_t>()[i];
    if (index < -size || index >= size) Fail("expected an index below {}, found {}", size, index);
    if (index < 0) index += size;
  }
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.erase(sizes.begin() + axis);
  const auto at = sizes.begin() + axis;
  const std::vector<int64_t> inserted = places.sizes().vec();
  sizes.insert(at, inserted.begin(), inserted.end());
  graph.Set(node, x.index_select(axis, flat).reshape(sizes));
}

void FoldSlice(OnnxGraph& graph, const OnnxNode& node) {
  at::Tensor x = graph.Constant(node, 0);
  const std::vector<int64_t> starts = graph.Numbers(node, 1, "starts", {});
  const std::vector<int64_t> ends = graph.Numbers(node, 2, "ends", {});
  std::vector<int64_t> axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = graph.Numbers(node, 3, "axes", axes);
  std::vector<int64_t> steps(starts.size(), 1);
  if (!node.Input(4).empty()) steps = graph.Numbers(node, 4);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    Fail("expected equally many starts, ends, axes and steps");
  }
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto axis = static_cast<int64_t>(AxisAt(axes[i], static_cast<size_t>(x.dim())));
    const int64_t size = x.size(axis);
    if (steps[i] == -1 && starts[i] == -1 && ends[i] < -size) {
      x = x.flip(axis);
      continue;
    }
    if (steps[i] < 1) FailUnsupported("a slice in steps of {}", steps[i]);
    const auto clamped = [&](int64_t place) {
      return std::clamp<int64_t>(place < 0 ? std::max(place, -size) + size : place, 0, size);
    };
    const int64_t begin = clamped(starts[i]);
    x = x.slice(axis, begin, std::max(begin, clamped(ends[i])), steps[i]);
  }
  graph.Set(node, x.contiguous());
}

void FoldSplit(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  const auto axis = static_cast<int64_t>(AxisAt(node.Int("axis", 0), static_cast<size_t>(x.dim())));
  std::vector<int64_t> parts = graph.Numbers(node, 1, "split", {});
  const int64_t count = node.Int("num_outputs", node.CountOutputs());
  if (parts.empty() && count > 0 && x.size(axis) % count == 0) {
    parts.assign(static_cast<size_t>(count), x.size(axis) / count);
  }
  if (static_cast<int64_t>(parts.size()) < node.CountOutputs() ||
      std::accumulate(parts.begin(), parts.end(), int64_t{0}) != x.size(axis)) {
    Fail("split: expected {} parts of {} in all", node.CountOutputs(), x.size(axis));
  }
  int64_t begin = 0;
  for (int i = 0; i < node.CountOutputs(); ++i) {
    const int64_t part = parts[static_cast<size_t>(i)];
    if (part < 0) Fail("split: expected parts of at least 0 places, found {}", part);
    graph.Set(node, x.narrow(axis, begin, part).contiguous(), i);
    begin += part;
  }
}

void FoldShape(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, at::tensor(graph.Constant(node, 0).sizes().vec(), at::kLong));
}

void FoldCast(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  node.Int("saturate", 1);
  using onnx::TensorProto;
  switch (node.Int("to", 0)) {
    case TensorProto::FLOAT:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
    case TensorProto::DOUBLE:
      return graph.Set(node, x.to(at::kFloat));
    case TensorProto::INT64:
    case TensorProto::INT32:
    case TensorProto::INT16:
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::UINT16:
      return graph.Set(node, x.to(at::kLong));
    case TensorProto::BOOL:
      return graph.Set(node, (x != 0).to(at::kLong));
    default:
      FailUnsupported("attribute to: {} is not supported", OnnxTypeName(node.Int("to", 0)));
  }
}

void FoldCastLike(OnnxGraph& graph, const OnnxNode& node) {
  node.Int("saturate", 1);
  graph.Set(node, graph.Constant(node, 0).to(graph.Constant(node, 1).scalar_type()));
}

at::Tensor Applied(const std::string& op, const at::Tensor& a, const at::Tensor& b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Max") return at::maximum(a, b);
  if (op == "Min") return at::minimum(a, b);
  if (op == "Pow") return at::pow(a, b.to(a.scalar_type()));
  if (op == "Equal") return (a == b).to(at::kLong);
  if (op == "Greater") return (a > b).to(at::kLong);
  if (op == "Less") return (a < b).to(at::kLong);
  if (op == "And") return ((a != 0) & (b != 0)).to(at::kLong);
  if (op == "Or") return ((a != 0) | (b != 0)).to(at::kLong);
  // Of integers cut off towards zero.
  if (a.is_floating_point()) return op == "Mod" ? a.fmod(b) : a / b;
  if ((b == 0).any().item<bool>()) Fail("expected a divisor other than 0, found 0");
  return op == "Mod" ? at::remainder(a, b) : at::div(a, b, "trunc");
}

void FoldBinary(OnnxGraph& graph, const OnnxNode& node) {
  node.Ints("consumed_inputs", {});
  node.Int("broadcast", 0);
  node.Int("fmod", 0);
  if (node.CountInputs() < 1) Fail("expected inputs, found none");
  at::Tensor result = graph.Constant(node, 0);
  for (int i = 1; i < node.CountInputs(); ++i) {
    const at::Tensor other = graph.Constant(node, i);
    if (result.is_floating_point() != other.is_floating_point() && node.op() != "Pow") {
      Fail("expected constants of one type, found floating ones and integers");
    }
    std::vector<int64_t> sizes;
    try {
      sizes = at::infer_size(result.sizes(), other.sizes());
    } catch (const std::exception&) {
      Fail("expected constants of sizes that fit, found {} and {}", ToString(result.sizes().vec()),
           ToString(other.sizes().vec()));
    }
    Checked(sizes);
    result = Applied(node.op(), result, other);
  }
  graph.Set(node, result);
}

void FoldUnary(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  const std::string& op = node.op();
  const at::Tensor y = op == "Neg"          ? -x
                       : op == "Sqrt"       ? x.sqrt()
                       : op == "Exp"        ? x.exp()
                       : op == "Log"        ? x.log()
                       : op == "Abs"        ? x.abs()
                       : op == "Reciprocal" ? x.reciprocal()
                       : op == "Floor"      ? (x.is_floating_point() ? x.floor() : x)
                       : op == "Ceil"       ? (x.is_floating_point() ? x.ceil() : x)
                       : op == "Not"        ? (x == 0).to(at::kLong)
                                            : (x.is_floating_point() ? x.round() : x);
  graph.Set(node, y);
}

void FoldWhere(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, at::where(graph.Constant(node, 0) != 0, graph.Constant(node, 1),
                            graph.Constant(node, 2)));
}

void FoldReduce(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  const bool keep = node.Int("keepdims", 1) != 0;
  node.Int("noop_with_empty_axes", 0);
  std::vector<int64_t> axes = graph.Numbers(node, 1, "axes", {});
  for (const size_t axis : AxesAt(axes, static_cast<size_t>(x.dim()))) (void)axis;
  if (axes.empty()) {
    for (int64_t i = 0; i < x.dim(); ++i) axes.push_back(i);
  }
  if (node.op() == "ReduceProd") {
    if (axes.size() != 1) FailUnsupported("only a product along one axis is supported");
    return graph.Set(node, x.prod(axes[0], keep));
  }
  if (axes.empty()) return graph.Set(node, x);
  graph.Set(node, node.op() == "ReduceSum"   ? x.sum(axes, keep)
                  : node.op() == "ReduceMax" ? x.amax(axes, keep)
                  : node.op() == "ReduceMin" ? x.amin(axes, keep)
                                             : x.to(at::kFloat).mean(axes, keep));
}

// One scale, or one along an axis.
at::Tensor AlongAxis(const at::Tensor& numbers, const at::Tensor& x, int64_t axis) {
  if (numbers.numel() == 1) return numbers.reshape({});
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);
  const size_t place = AxisAt(axis, sizes.size());
  if (numbers.dim() != 1 || numbers.numel() != x.size(static_cast<int64_t>(place))) {
    FailUnsupported("expected one scale, or one for each of {} places along axis {}, found {}",
                    x.size(static_cast<int64_t>(place)), axis, ToString(numbers.sizes().vec()));
  }
  sizes[place] = numbers.numel();
  return numbers.reshape(sizes);
}

void FoldDequantize(OnnxGraph& graph, const OnnxNode& node) {
  const at::Tensor x = graph.Constant(node, 0);
  const int64_t axis = node.Int("axis", 1);
  if (node.Int("block_size", 0) != 0) FailUnsupported("attribute block_size: only 0 is supported");
  const at::Tensor scale = AlongAxis(graph.FloatConstant(node, 1), x, axis);
  at::Tensor integers = x.to(at::kFloat);
  if (!node.Input(2).empty()) {
    integers = integers - AlongAxis(graph.Constant(node, 2), x, axis).to(at::kFloat);
  }
  graph.Set(node, integers * scale);
}

void FoldIdentity(OnnxGraph& graph, const OnnxNode& node) {
  graph.Set(node, graph.Constant(node, 0));
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxConstantHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"Abs", FoldUnary},
      {"Add", FoldBinary},
      {"And", FoldBinary},
      {"Cast", FoldCast},
      {"CastLike", FoldCastLike},
      {"Ceil", FoldUnary},
      {"Concat", FoldConcat},
      {"Constant", FoldConstant},
      {"ConstantOfShape", FoldConstantOfShape},
      {"DequantizeLinear", FoldDequantize},
      {"Div", FoldBinary},
      {"Equal", FoldBinary},
      {"Exp", FoldUnary},
      {"Expand", FoldExpand},
      {"Floor", FoldUnary},
      {"Gather", FoldGather},
      {"Greater", FoldBinary},
      {"Identity", FoldIdentity},
      {"Less", FoldBinary},
      {"Log", FoldUnary},
      {"Max", FoldBinary},
      {"Min", FoldBinary},
      {"Mod", FoldBinary},
      {"Mul", FoldBinary},
      {"Neg", FoldUnary},
      {"Not", FoldUnary},
      {"Or", FoldBinary},
      {"Pow", FoldBinary},
      {"Range", FoldRange},
      {"Reciprocal", FoldUnary},
      {"ReduceMax", FoldReduce},
      {"ReduceMean", FoldReduce},
      {"ReduceMin", FoldReduce},
      {"ReduceProd", FoldReduce},
      {"ReduceSum", FoldReduce},
      {"Reshape", FoldReshape},
      {"Round", FoldUnary},
      {"Shape", FoldShape},
      {"Slice", FoldSlice},
      {"Split", FoldSplit},
      {"Sqrt", FoldUnary},
      {"Squeeze", FoldSqueeze},
      {"Sub", FoldBinary},
      {"Transpose", FoldTranspose},
      {"Unsqueeze", FoldUnsqueeze},
      {"Where", FoldWhere}};
  return handlers;
}

}  // namespace netdissect
