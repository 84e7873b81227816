#include "nn/onnx_graph.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/fold.h"
#include "nn/onnx_tensor.h"

namespace netdissect {
namespace {

// Pixels along one axis of an input; more is a malformed file.
constexpr int64_t kLargestInput = 1 << 14;

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
  const onnx::TensorShapeProto& shape = input.type().tensor_type().shape();
  if (index >= shape.dim_size() || !shape.dim(index).has_dim_value()) return 0;
  return std::max<int64_t>(shape.dim(index).dim_value(), 0);
}

}  // namespace

Network OnnxGraph::MakeNetwork(const Path& file, const onnx::ValueInfoProto& input,
                               const std::optional<Shape>& input_size) {
  const std::string what = fmt::format("{}: input \"{}\"", file.string(), input.name());
  const onnx::TypeProto::Tensor& type = input.type().tensor_type();
  if (type.has_shape() ? type.shape().dim_size() != 4 : !input_size) {
    Fail("{}: expected 4 dimensions (N, C, H, W), found {}", what, type.shape().dim_size());
  }
  const int64_t channels = Dim(input, 1), height = Dim(input, 2), width = Dim(input, 3);
  if (input_size) {
    if (channels != 0 && channels != input_size->units) {
      Fail("{}: expected {} channels, found {}{}", what, input_size->units, channels,
           channels == 1 ? " (\"order\": \"gray\" is one)" : "");
    }
    return Network(*input_size, input.name());
  }
  if (channels == 0 || height == 0 || width == 0) {
    Fail(
        "{}: its size is not fixed by the file (C, H, W = {}, {}, {}; 0: free): expected one to be "
        "given with the network",
        what, channels, height, width);
  }
  if (std::max({channels, height, width}) > kLargestInput) {
    Fail("{}: expected dimensions of at most {}, found {} x {} x {}", what, kLargestInput, channels,
         height, width);
  }
  return Network({static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)},
                 input.name());
}

OnnxGraph::OnnxGraph(const Path& file, const onnx::GraphProto& graph, int64_t opset,
                     const std::optional<Shape>& input_size)
    : file_(file),
      opset_(opset),
      batch_(Dim(OnlyInput(file, graph), 0)),
      network_(MakeNetwork(file, OnlyInput(file, graph), input_size)) {
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    initializers_[tensor.name()] = &tensor;
  }
  values_[network_.layer(0).name] = OnnxImage{};
}

const OnnxValue& OnnxGraph::Value(const OnnxNode& node, int index) const {
  const std::string name = node.Input(index);
  if (name.empty()) node.Complain(fmt::format("expected an input {}, found none", index));
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  const auto initializer = initializers_.find(name);
  if (initializer == initializers_.end()) {
    node.Complain(
        fmt::format("its input \"{}\" is no first output of a node before it, no "
                    "initializer and not the graph's input",
                    name));
  }
  return values_.emplace(name, DecodeOnnxTensor(file_, *initializer->second)).first->second;
}

bool OnnxGraph::IsImage(const OnnxNode& node, int index) const {
  return std::holds_alternative<OnnxImage>(Value(node, index));
}

OnnxImage OnnxGraph::AnyImage(const OnnxNode& node, int index) const {
  const OnnxValue& value = Value(node, index);
  if (!std::holds_alternative<OnnxImage>(value)) {
    node.Complain(fmt::format("input \"{}\": expected what depends on the image, found a constant",
                              node.Input(index)));
  }
  return std::get<OnnxImage>(value);
}

OnnxImage OnnxGraph::Image(const OnnxNode& node, int index) const {
  const OnnxImage image = AnyImage(node, index);
  if (image.padded()) {
    node.Complain(
        fmt::format("input \"{}\" is the output of a Pad: only convolutions and poolings "
                    "can take one up",
                    node.Input(index)));
  }
  return image;
}

OnnxImage OnnxGraph::Image4d(const OnnxNode& node, int index) const {
  const OnnxImage image = Image(node, index);
  if (image.flat) {
    node.Complain(
        fmt::format("input \"{}\": expected (N, C, H, W), found (N, C)", node.Input(index)));
  }
  return image;
}

OnnxImage OnnxGraph::PaddedImage4d(const OnnxNode& node, int index) const {
  const OnnxImage image = AnyImage(node, index);
  return image.padded() ? image : Image4d(node, index);
}

at::Tensor OnnxGraph::Constant(const OnnxNode& node, int index) const {
  const OnnxValue& value = Value(node, index);
  const auto* tensor = std::get_if<at::Tensor>(&value);
  if (tensor == nullptr || !tensor->is_floating_point()) {
    node.Complain(fmt::format("input \"{}\": expected a constant of floating type, found {}",
                              node.Input(index),
                              tensor == nullptr ? "what is computed" : "integers"));
  }
  return *tensor;
}

OnnxNumbers OnnxGraph::Numbers(const OnnxNode& node, int index) const {
  const OnnxValue& value = Value(node, index);
  if (const auto* numbers = std::get_if<OnnxNumbers>(&value)) return *numbers;
  const auto* tensor = std::get_if<at::Tensor>(&value);
  if (tensor == nullptr || tensor->is_floating_point() || tensor->dim() > 1) {
    node.Complain(fmt::format("input \"{}\": expected integers along one axis, found others",
                              node.Input(index)));
  }
  const int64_t* data = tensor->data_ptr<int64_t>();
  return {{data, data + tensor->numel()}, tensor->dim() == 0};
}

void OnnxGraph::Set(const OnnxNode& node, OnnxValue value) {
  if (!values_.emplace(node.Output(), std::move(value)).second) {
    node.Complain(fmt::format("its output \"{}\" is also that of a node before it", node.Output()));
  }
}

void OnnxGraph::Append(const OnnxNode& node, AnyKind kind, const std::vector<OnnxImage>& inputs,
                       bool flat) {
  std::vector<int> indices;
  for (const OnnxImage& input : inputs) indices.push_back(input.layer);
  int layer = 0;
  try {
    layer = network_.Add(node.Output(), std::move(kind), indices);
  } catch (const Error& error) {
    node.Complain(error.what());
  }
  Set(node, OnnxImage{layer, flat, {}});
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].padded()) continue;
    padded_.push_back(node.Input(static_cast<int>(i)));
    network_.Bind(padded_.back(), layer);
  }
}

void OnnxGraph::Alias(const OnnxNode& node, const OnnxImage& image) {
  Set(node, image);
  network_.Bind(node.Output(), image.layer);
}

void OnnxGraph::Pad(const OnnxNode& node, const OnnxImage& image) { Set(node, image); }

Network OnnxGraph::Finish(const onnx::GraphProto& graph) {
  std::set<std::string> tensors;
  for (const onnx::NodeProto& node : graph.node()) {
    tensors.insert(node.output().begin(), node.output().end());
  }
  for (const onnx::NodeProto& node : graph.node()) {
    if (node.name().empty() || node.output_size() == 0 || tensors.count(node.name()) != 0) continue;
    if (std::count(padded_.begin(), padded_.end(), node.output(0)) != 0) continue;
    const auto output = network_.names().find(node.output(0));
    if (output != network_.names().end() && !network_.Has(node.name())) {
      network_.Bind(node.name(), output->second);
    }
  }
  std::vector<std::string> outputs;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    const bool padded = std::count(padded_.begin(), padded_.end(), output.name()) != 0;
    if (network_.Has(output.name()) && !padded) outputs.push_back(output.name());
  }
  network_.SetOutputs(outputs);
  Network folded = FoldAffine(network_);
  for (const std::string& name : padded_) {
    if (folded.Has(name)) folded.MarkFolded(name, folded.Find(name));
  }
  return folded;
}

}  // namespace netdissect
