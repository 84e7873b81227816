#include "nn/onnx/graph.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/import/not_supported.h"
#include "nn/onnx/tensor.h"

namespace netdissect {
namespace {

// More channels than a picture has: (N, H, W, C) is told by a smaller number in the last place.
constexpr int64_t kMostInputChannels = 8;

const onnx::TensorShapeProto& ShapeProto(const onnx::ValueInfoProto& input) {
  return input.type().tensor_type().shape();
}

const onnx::ValueInfoProto& OnlyInput(const Path& file, const onnx::GraphProto& graph) {
  // Older files list the weights among the inputs.
  std::set<std::string> initializers;
  for (const onnx::TensorProto& tensor : graph.initializer()) initializers.insert(tensor.name());
  std::vector<std::string> names;
  const onnx::ValueInfoProto* only = nullptr;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (initializers.count(input.name()) != 0) continue;
    only = &input;
    names.push_back(input.name());
  }
  if (names.size() != 1 || names.front().empty()) {
    Fail("{}: expected one input, found {}{}", file.string(), names.size(),
         names.empty() ? "" : ": " + Join(names));
  }
  return *only;
}

// 0 where it is not declared.
int64_t Dim(const onnx::ValueInfoProto& input, int index) {
  const onnx::TensorShapeProto& shape = ShapeProto(input);
  if (index >= shape.dim_size() || !shape.dim(index).has_dim_value()) return 0;
  return std::max<int64_t>(shape.dim(index).dim_value(), 0);
}

GraphBuilder MakeBuilder(const Path& file, const onnx::GraphProto& graph,
                         const std::optional<Shape>& input_size) {
  const onnx::ValueInfoProto& input = OnlyInput(file, graph);
  const std::string what = fmt::format("{}: input \"{}\"", file.string(), input.name());
  if (!input.type().tensor_type().has_shape() && !input_size) {
    Fail("{}: expected 4 dimensions, (N, C, H, W) or (N, H, W, C), found none", what);
  }
  const OnnxInput declared = DeclaredInput(file, graph);
  Shape shape = declared.shape;
  if (input_size) {
    if (shape.units != 0 && shape.units != input_size->units) {
      Fail("{}: expected {} channels ({}), found {}{}", what, input_size->units,
           declared.channels_last ? "N, H, W, C" : "N, C, H, W", shape.units,
           shape.units == 1 ? " (\"order\": \"gray\" is one)" : "");
    }
    shape = *input_size;
  } else if (shape.units == 0 || shape.height == 0 || shape.width == 0) {
    Fail(
        "{}: its size is not fixed by the file (C, H, W = {}, {}, {}; 0: free): expected one to be "
        "given with the network",
        what, shape.units, shape.height, shape.width);
  }
  Axes axes = LayerAxes(shape);
  if (declared.channels_last) axes = {axes[0], axes[2], axes[3], axes[1]};
  return GraphBuilder(shape, input.name(), std::move(axes), Dim(input, 0));
}

}  // namespace

OnnxInput DeclaredInput(const Path& file, const onnx::GraphProto& graph) {
  const onnx::ValueInfoProto& input = OnlyInput(file, graph);
  const std::string what = fmt::format("{}: input \"{}\"", file.string(), input.name());
  const onnx::TypeProto::Tensor& type = input.type().tensor_type();
  if (type.has_shape() && type.shape().dim_size() != 4) {
    Fail("{}: expected 4 dimensions, (N, C, H, W) or (N, H, W, C), found {}", what,
         type.shape().dim_size());
  }
  const int64_t last = Dim(input, 3), second = Dim(input, 1);
  OnnxInput declared;
  declared.channels_last =
      last >= 1 && last <= kMostInputChannels && (second == 0 || second > kMostInputChannels);
  const int64_t channels = declared.channels_last ? last : second;
  const int64_t height = Dim(input, declared.channels_last ? 1 : 2);
  const int64_t width = Dim(input, declared.channels_last ? 2 : 3);
  if (std::max({channels, height, width}) > kLongestSide) {
    Fail("{}: expected dimensions of at most {}, found {} x {} x {}", what, kLongestSide, channels,
         height, width);
  }
  declared.shape = {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
  return declared;
}

OnnxGraph::OnnxGraph(const Path& file, const onnx::GraphProto& graph, int64_t opset,
                     const std::optional<Shape>& input_size)
    : file_(file), opset_(opset), builder_(MakeBuilder(file, graph, input_size)) {
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    initializers_[tensor.name()] = &tensor;
  }
  values_.emplace(builder_.input().name, builder_.input());
}

const OnnxValue& OnnxGraph::Value(const OnnxNode& node, int index) const {
  const std::string name = node.Input(index);
  if (name.empty()) Fail("expected an input {}, found none", index);
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  const auto initializer = initializers_.find(name);
  if (initializer == initializers_.end()) {
    Fail(
        "its input \"{}\" is no output of a node before it, no initializer and not the graph's "
        "input",
        name);
  }
  return values_.emplace(name, DecodeOnnxTensor(file_, *initializer->second)).first->second;
}

bool OnnxGraph::IsView(const OnnxNode& node, int index) const {
  return !node.Input(index).empty() && std::holds_alternative<View>(Value(node, index));
}

const View& OnnxGraph::Input(const OnnxNode& node, int index) const {
  const OnnxValue& value = Value(node, index);
  if (!std::holds_alternative<View>(value)) {
    Fail("input \"{}\": expected what depends on the image, found a constant", node.Input(index));
  }
  return std::get<View>(value);
}

at::Tensor OnnxGraph::Constant(const OnnxNode& node, int index) const {
  const OnnxValue& value = Value(node, index);
  if (const auto* tensor = std::get_if<at::Tensor>(&value)) return *tensor;
  FailUnsupported("input \"{}\": expected a constant, found what is computed from the image",
                  node.Input(index));
}

at::Tensor OnnxGraph::FloatConstant(const OnnxNode& node, int index) const {
  const at::Tensor tensor = Constant(node, index);
  if (!tensor.is_floating_point()) {
    Fail("input \"{}\": expected a constant of floating type, found integers", node.Input(index));
  }
  return tensor;
}

at::Tensor OnnxGraph::OptionalConstant(const OnnxNode& node, int index) const {
  return node.Input(index).empty() ? at::Tensor() : FloatConstant(node, index);
}

std::vector<int64_t> OnnxGraph::Numbers(const OnnxNode& node, int index) const {
  const at::Tensor tensor = Constant(node, index).contiguous();
  if (tensor.is_floating_point() || tensor.dim() > 1) {
    Fail("input \"{}\": expected integers along one axis, found {}", node.Input(index),
         tensor.is_floating_point() ? "numbers of floating type" : ToString(tensor.sizes().vec()));
  }
  const int64_t* data = tensor.data_ptr<int64_t>();
  return {data, data + tensor.numel()};
}

std::vector<int64_t> OnnxGraph::Numbers(const OnnxNode& node, int index, const char* attribute,
                                        const std::vector<int64_t>& otherwise) const {
  const std::vector<int64_t> numbers = node.Ints(attribute, otherwise);
  return node.Input(index).empty() ? numbers : Numbers(node, index);
}

double OnnxGraph::Number(const OnnxNode& node, int index) const {
  const at::Tensor tensor = Constant(node, index);
  if (tensor.numel() != 1) {
    Fail("input \"{}\": expected one number, found {}", node.Input(index),
         ToString(tensor.sizes().vec()));
  }
  return tensor.to(at::kDouble).item<double>();
}

int64_t OnnxGraph::TypeOf(const OnnxNode& node, int index) const {
  const auto initializer = initializers_.find(node.Input(index));
  return initializer == initializers_.end() ? onnx::TensorProto::UNDEFINED
                                            : initializer->second->data_type();
}

at::Tensor OnnxGraph::Decode(const onnx::TensorProto& tensor) const {
  return DecodeOnnxTensor(file_, tensor);
}

void OnnxGraph::SetQuantized(const OnnxNode& node, float scale, double zero) {
  quantized_[node.Output()] = {scale, zero};
}

bool OnnxGraph::IsQuantized(const OnnxNode& node, float scale, double zero) const {
  const auto found = quantized_.find(node.Input(0));
  return found != quantized_.end() && found->second == std::pair(scale, zero);
}

void OnnxGraph::Set(const OnnxNode& node, OnnxValue value, int index) {
  const std::string name = node.Output(index);
  if (name.empty()) return;
  if (values_.count(name) != 0 || initializers_.count(name) != 0) {
    Fail("its output \"{}\" is the name of another tensor", name);
  }
  values_.emplace(name, std::move(value));
}

void OnnxGraph::LeaveOut(const OnnxNode& node, size_t reason) {
  for (int i = 0; i < node.CountOutputs(); ++i) {
    const std::string name = node.Output(i);
    if (name.empty()) continue;
    reason_of_.emplace(name, reason);
    unread_[reason].names.push_back(name);
  }
}

void OnnxGraph::Import(const OnnxNode& node, const std::function<void()>& import) {
  for (int i = 0; i < node.CountInputs(); ++i) {
    const auto reason = reason_of_.find(node.Input(i));
    if (reason != reason_of_.end()) return LeaveOut(node, reason->second);
  }
  const std::string where = fmt::format("node \"{}\" ({})", node.name(), node.op());
  const int layers = builder_.network().size();
  try {
    if (node.CountOutputs() == 0 || node.Output(0).empty()) Fail("expected an output, found none");
    import();
  } catch (const NotSupported& error) {
    // Some of its layers may be there already.
    builder_.TakeBack(layers);
    for (int i = 0; i < node.CountOutputs(); ++i) values_.erase(node.Output(i));
    unread_.push_back({where, error.what(), {}});
    LeaveOut(node, unread_.size() - 1);
  } catch (const Error& error) {
    Fail("{}: {}: {}", file_.string(), where, error.what());
  } catch (const c10::Error& error) {  // of sizes that do not fit, in arithmetic of constants
    Fail("{}: {}: {}", file_.string(), where, error.what_without_backtrace());
  }
}

Network OnnxGraph::Finish(const onnx::GraphProto& graph,
                          const std::vector<onnx::NodeProto>& nodes) {
  if (builder_.network().size() == 1 && !unread_.empty()) {
    Fail("{}: {}: {}", file_.string(), unread_.front().from, unread_.front().why);
  }
  std::vector<std::pair<std::string, std::string>> names;
  for (const onnx::NodeProto& node : nodes) {
    if (node.output_size() != 0) names.emplace_back(node.name(), node.output(0));
  }
  std::vector<View> outputs;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    const auto value = values_.find(output.name());
    if (value == values_.end() || !std::holds_alternative<View>(value->second)) {
      // Scores that were left out are not replaced by the next output.
      if (outputs.empty()) break;
      continue;
    }
    outputs.push_back(std::get<View>(value->second));
    outputs.back().name = output.name();
  }
  Network network = builder_.Finish(outputs, names);
  for (UnreadPart& part : unread_) network.SetUnread(std::move(part));
  return network;
}

}  // namespace netdissect
