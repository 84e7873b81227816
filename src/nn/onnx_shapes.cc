// Operators of ONNX that change shapes, or compute with them: what flattens (N, C, H, W) to
// (N, C * H * W), and the chains such as Shape, Gather, Unsqueeze, Concat that lead to it.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>

#include <limits>

#include "netdissect/base/error.h"
#include "nn/kinds/flatten.h"
#include "nn/onnx_graph.h"
#include "nn/onnx_tensor.h"

namespace netdissect {
namespace {

int64_t Values(const Shape& shape) { return int64_t{shape.units} * shape.height * shape.width; }

// A layer where values move, another name where they do not.
void AppendFlattened(OnnxGraph& graph, const OnnxNode& node, OnnxImage image, bool flat) {
  const Shape& shape = graph.ShapeOf(image);
  if (shape.height == 1 && shape.width == 1) {
    image.flat = flat;
    graph.Alias(node, image);
  } else {
    graph.Append(node, Flatten{}, {image}, flat);
  }
}

void ImportFlatten(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  const int64_t axis = node.Int("axis", 1);
  if (axis != 1 && axis != (image.flat ? -1 : -3)) {
    node.ComplainAttribute("axis",
                           fmt::format("only 1, the channels, is supported, found {}", axis));
  }
  AppendFlattened(graph, node, image, true);
}

// The sizes after N that a Reshape asks for, or nothing where it does not keep N.
std::vector<int64_t> SizesAsked(const OnnxGraph& graph, const OnnxImage& image,
                                const std::vector<int64_t>& asked) {
  const Shape& shape = graph.ShapeOf(image);
  const std::vector<int64_t> from = {shape.units, shape.height, shape.width};
  const size_t axes = image.flat ? 1 : 3;
  const int64_t values = Values(shape);
  std::vector<int64_t> to(asked.begin() + 1, asked.end());
  int64_t product = 1, open = 0;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && i < axes) to[i] = from[i];
    if (to[i] == -1) {
      ++open;
    } else if (to[i] < 1 || to[i] > values || (product *= to[i]) > values) {
      return {};
    }
  }
  const bool keeps_batch = asked[0] == kBatch || asked[0] == 0 ||
                           (asked[0] == -1 && open == 0 && product == values) ||
                           (graph.batch() != 0 && asked[0] == graph.batch());
  if (!keeps_batch || open > 1 || values % product != 0) return {};
  for (int64_t& size : to) {
    if (size == -1) size = values / product;
  }
  return to;
}

void ImportReshape(OnnxGraph& graph, const OnnxNode& node) {
  std::vector<int64_t> asked = node.Ints("shape", {});  // of the first version
  if (!node.Input(1).empty()) asked = graph.Numbers(node, 1).values;
  const bool allow_zero = node.Int("allowzero", 0) != 0;
  if (!graph.IsImage(node, 0)) {
    // Of a constant, such as a bias: everything is known.
    const at::Tensor constant = graph.Constant(node, 0);
    int64_t product = asked.size() > 8 ? -1 : 1;
    for (const int64_t size : asked) {
      if (product < 0) break;
      if (size < 1 || size > constant.numel() || (product *= size) > constant.numel()) product = -1;
    }
    if (product != constant.numel()) {
      node.Complain(fmt::format("expected a shape of {} numbers, found {}", constant.numel(),
                                fmt::join(asked, ", ")));
    }
    graph.Set(node, constant.reshape(asked));
    return;
  }
  const OnnxImage image = graph.Image(node, 0);
  const Shape& shape = graph.ShapeOf(image);
  const bool zeros = std::find(asked.begin(), asked.end(), 0) != asked.end();
  if (asked.size() >= 2 && asked.size() <= 4 && !(allow_zero && zeros)) {
    const std::vector<int64_t> to = SizesAsked(graph, image, asked);
    const bool same = to == std::vector<int64_t>{shape.units, shape.height, shape.width};
    const bool flattened = !to.empty() && to[0] == Values(shape);
    if (same && !image.flat) return graph.Alias(node, image);
    if (flattened && (to.size() == 1 || to.size() == 3)) {
      return AppendFlattened(graph, node, image, to.size() == 1);
    }
  }
  std::vector<std::string> words;
  for (const int64_t size : asked) words.push_back(size == kBatch ? "N" : std::to_string(size));
  node.Complain(fmt::format("shape: only what flattens N x {} is supported, found {}",
                            ToString(shape), fmt::join(words, " x ")));
}

std::vector<int64_t> Axes(const OnnxGraph& graph, const OnnxNode& node) {
  std::vector<int64_t> axes = node.Ints("axes", {});
  if (!node.Input(1).empty()) axes = graph.Numbers(node, 1).values;
  return axes;
}

void RequireHeightAndWidth(const OnnxNode& node, std::vector<int64_t> axes) {
  for (int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::sort(axes.begin(), axes.end());
  if (axes != std::vector<int64_t>{2, 3}) {
    node.ComplainAttribute("axes", "only height and width (2, 3) are supported");
  }
}

void ImportSqueeze(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<int64_t> axes = Axes(graph, node);
  if (graph.IsImage(node, 0)) {
    OnnxImage image = graph.Image4d(node, 0);
    RequireHeightAndWidth(node, axes);
    const Shape& shape = graph.ShapeOf(image);
    if (shape.height != 1 || shape.width != 1) {
      node.Complain(fmt::format("expected a height and width of 1, found {}", ToString(shape)));
    }
    return AppendFlattened(graph, node, image, true);
  }
  OnnxNumbers numbers = graph.Numbers(node, 0);
  if (numbers.values.size() != 1) node.Complain("expected one number, found others");
  numbers.scalar = true;
  graph.Set(node, std::move(numbers));
}

void ImportUnsqueeze(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<int64_t> axes = Axes(graph, node);
  const OnnxValue& value = graph.Value(node, 0);
  if (std::holds_alternative<OnnxImage>(value)) {
    OnnxImage image = graph.Image(node, 0);
    if (!image.flat) node.Complain("expected an input of (N, C), found (N, C, H, W)");
    RequireHeightAndWidth(node, axes);
    image.flat = false;
    return graph.Alias(node, image);
  }
  const auto* tensor = std::get_if<at::Tensor>(&value);
  if (tensor != nullptr && tensor->is_floating_point()) {
    // A bias that is brought to (C, 1, 1).
    at::Tensor constant = *tensor;
    std::vector<int64_t> sorted = axes;
    const auto rank = static_cast<int64_t>(constant.dim() + static_cast<int64_t>(axes.size()));
    if (rank > 4) node.ComplainAttribute("axes", "expected at most 4 dimensions");
    for (int64_t& axis : sorted) axis += axis < 0 ? rank : 0;
    std::sort(sorted.begin(), sorted.end());
    for (const int64_t axis : sorted) {
      if (axis < 0 || axis > constant.dim())
        node.ComplainAttribute("axes", "expected axes in range");
      constant = constant.unsqueeze(axis);
    }
    return graph.Set(node, constant);
  }
  OnnxNumbers numbers = graph.Numbers(node, 0);
  if (!numbers.scalar || (axes != std::vector<int64_t>{0} && axes != std::vector<int64_t>{-1})) {
    node.Complain("expected one number and axis 0, found others");
  }
  numbers.scalar = false;
  graph.Set(node, numbers);
}

void ImportShape(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxImage image = graph.Image(node, 0);
  const Shape& shape = graph.ShapeOf(image);
  OnnxNumbers numbers{{kBatch, shape.units}, false};
  if (!image.flat) numbers.values.insert(numbers.values.end(), {shape.height, shape.width});
  graph.Set(node, numbers);
}

void ImportGather(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxNumbers numbers = graph.Numbers(node, 0), indices = graph.Numbers(node, 1);
  if (numbers.scalar || node.Int("axis", 0) != 0) {
    node.ComplainAttribute("axis", "only 0 of numbers along one axis is supported");
  }
  const auto size = static_cast<int64_t>(numbers.values.size());
  OnnxNumbers gathered{{}, indices.scalar};
  for (const int64_t index : indices.values) {
    if (index < -size || index >= size) {
      node.Complain(fmt::format("expected an index below {}, found {}", size, index));
    }
    gathered.values.push_back(
        numbers.values[static_cast<size_t>(index < 0 ? index + size : index)]);
  }
  graph.Set(node, gathered);
}

void ImportSlice(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxNumbers numbers = graph.Numbers(node, 0);
  const auto argument = [&](int index, const char* attribute, int64_t otherwise) {
    std::vector<int64_t> values = node.Ints(attribute, {otherwise});
    if (!node.Input(index).empty()) values = graph.Numbers(node, index).values;
    if (values.size() != 1) node.Complain(fmt::format("{}: expected one number", attribute));
    return values[0];
  };
  const auto size = static_cast<int64_t>(numbers.values.size());
  const auto clamp = [size](int64_t value) {
    return std::clamp<int64_t>(value < 0 ? std::max(value, -size) + size : value, 0, size);
  };
  const int64_t begin = clamp(argument(1, "starts", 0));
  const int64_t end = clamp(argument(2, "ends", std::numeric_limits<int64_t>::max()));
  if (argument(3, "axes", 0) != 0 || argument(4, "steps", 1) != 1) {
    node.Complain("only axis 0 in steps of 1 is supported");
  }
  OnnxNumbers sliced;
  sliced.values.assign(numbers.values.begin() + begin,
                       numbers.values.begin() + std::max(begin, end));
  graph.Set(node, sliced);
}

void ImportIdentity(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxValue value = graph.Value(node, 0);
  if (std::holds_alternative<OnnxImage>(value)) return graph.Alias(node, graph.Image(node, 0));
  graph.Set(node, value);
}

// Between types that are the same here: floating ones, and integers.
void ImportCast(OnnxGraph& graph, const OnnxNode& node) {
  const int64_t to = node.Int("to", 0);
  const OnnxValue& value = graph.Value(node, 0);
  const auto* tensor = std::get_if<at::Tensor>(&value);
  const bool from_numbers = std::holds_alternative<OnnxNumbers>(value) ||
                            (tensor != nullptr && !tensor->is_floating_point());
  const bool to_numbers = to == onnx::TensorProto::INT64 || to == onnx::TensorProto::INT32;
  if (from_numbers ? !to_numbers : to != onnx::TensorProto::FLOAT) {
    node.ComplainAttribute("to", fmt::format("type {} is not supported here", to));
  }
  ImportIdentity(graph, node);
}

void ImportConstant(OnnxGraph& graph, const OnnxNode& node) {
  if (const onnx::TensorProto* tensor = node.Tensor("value")) {
    return graph.Set(node, DecodeOnnxTensor(node.file(), *tensor));
  }
  if (node.Has("value_int")) return graph.Set(node, OnnxNumbers{{node.Int("value_int", 0)}, true});
  if (node.Has("value_ints"))
    return graph.Set(node, OnnxNumbers{node.Ints("value_ints", {}), false});
  if (node.Has("value_float")) return graph.Set(node, at::full({}, node.Float("value_float", 0)));
  if (node.Has("value_floats")) return graph.Set(node, at::tensor(node.Floats("value_floats")));
  node.Complain("expected an attribute value, value_int(s) or value_float(s), found none");
}

}  // namespace

const std::map<std::string, OnnxHandler>& OnnxShapeHandlers() {
  static const std::map<std::string, OnnxHandler> handlers = {
      {"Cast", ImportCast},          {"Constant", ImportConstant}, {"Flatten", ImportFlatten},
      {"Gather", ImportGather},      {"Identity", ImportIdentity}, {"Reshape", ImportReshape},
      {"Shape", ImportShape},        {"Slice", ImportSlice},       {"Squeeze", ImportSqueeze},
      {"Unsqueeze", ImportUnsqueeze}};
  return handlers;
}

}  // namespace netdissect
