#pragma once
// The state of an import from ONNX: what each tensor's name means so far.

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netdissect/base/file.h"
#include "nn/import/graph_builder.h"
#include "nn/onnx/node.h"
#include "nn/onnx/onnx.h"

namespace netdissect {

/// What depends on the image, or a constant: float32, or int64 for integers, among them the sizes
/// that a Shape says (kBatch for the batch's).
using OnnxValue = std::variant<View, at::Tensor>;

/// The graph's one input that is no weight, as it is declared; Error where there are others.
OnnxInput DeclaredInput(const Path& file, const onnx::GraphProto& graph);

class OnnxGraph {
 public:
  /// The input's size is the file's, or `input_size` where given.
  OnnxGraph(const Path& file, const onnx::GraphProto& graph, int64_t opset,
            const std::optional<Shape>& input_size);

  int64_t opset() const { return opset_; }
  GraphBuilder& builder() { return builder_; }

  /// True where the node has such an input, and it depends on the image.
  bool IsView(const OnnxNode& node, int index) const;
  /// Input `index` of the node; Error where it is missing or a constant.
  const View& Input(const OnnxNode& node, int index) const;
  /// Error where it is not a constant; of floating type.
  at::Tensor Constant(const OnnxNode& node, int index) const;
  at::Tensor FloatConstant(const OnnxNode& node, int index) const;
  /// The same, or an undefined tensor where the node has no such input.
  at::Tensor OptionalConstant(const OnnxNode& node, int index) const;
  /// Integers along one axis, or one.
  std::vector<int64_t> Numbers(const OnnxNode& node, int index) const;
  /// The numbers of an input, or of the attribute that was in its place in earlier versions.
  std::vector<int64_t> Numbers(const OnnxNode& node, int index, const char* attribute,
                               const std::vector<int64_t>& otherwise) const;
  /// One number, of either type.
  double Number(const OnnxNode& node, int index) const;

  /// The type that the file gives an input, an initializer's; UNDEFINED of others.
  int64_t TypeOf(const OnnxNode& node, int index) const;
  at::Tensor Decode(const onnx::TensorProto& tensor) const;

  /// That the node's output is rounded to integers with this scale and zero point.
  void SetQuantized(const OnnxNode& node, float scale, double zero);
  /// Whether the node's first input is, with these.
  bool IsQuantized(const OnnxNode& node, float scale, double zero) const;

  /// What output `index` of the node means; nothing where the node has no such output.
  void Set(const OnnxNode& node, OnnxValue value, int index = 0);

  /// Imports the node by `import`. What is not supported is left out, with what stands on it.
  /// Errors name the file and the node.
  void Import(const OnnxNode& node, const std::function<void()>& import);

  /// With batch normalisation folded, and nodes addressable where nothing else bears their names.
  Network Finish(const onnx::GraphProto& graph, const std::vector<onnx::NodeProto>& nodes);

 private:
  const OnnxValue& Value(const OnnxNode& node, int index) const;
  void LeaveOut(const OnnxNode& node, size_t reason);

  const Path& file_;
  int64_t opset_ = 0;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  mutable std::map<std::string, OnnxValue> values_;  // decoded when first asked for
  std::map<std::string, std::pair<float, double>> quantized_;
  std::vector<UnreadPart> unread_;
  std::map<std::string, size_t> reason_of_;  // by tensor, of what is left out
  GraphBuilder builder_;
};

/// Imports one operator.
using OnnxHandler = void (*)(OnnxGraph& graph, const OnnxNode& node);

/// By operator, of what depends on the image: convolutions, poolings, resizings; arithmetic;
/// reductions, products and normalisations; what moves numbers. And of constants alone.
const std::map<std::string, OnnxHandler>& OnnxWindowHandlers();
const std::map<std::string, OnnxHandler>& OnnxArithmeticHandlers();
const std::map<std::string, OnnxHandler>& OnnxReductionHandlers();
const std::map<std::string, OnnxHandler>& OnnxMoveHandlers();
const std::map<std::string, OnnxHandler>& OnnxConstantHandlers();

}  // namespace netdissect
