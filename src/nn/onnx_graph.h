#pragma once
// The state of an import from ONNX: what each tensor's name means so far.

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netdissect/nn/network.h"
#include "nn/onnx_node.h"

namespace netdissect {

/// The output of a layer. Zeros around it that a Pad has promised are taken up by its users.
struct OnnxImage {
  int layer = 0;
  bool flat = false;  // two axes (N, C) in ONNX, not four
  Padding padding;
  bool padded() const {
    return padding.top != 0 || padding.left != 0 || padding.bottom != 0 || padding.right != 0;
  }
};

/// The batch size among the numbers of a shape: unknown, and the same everywhere.
constexpr int64_t kBatch = -1000;

/// What a Shape operator and its like compute: numbers along one axis, or one number.
struct OnnxNumbers {
  std::vector<int64_t> values;
  bool scalar = false;
};

using OnnxValue = std::variant<OnnxImage, OnnxNumbers, at::Tensor>;

class OnnxGraph {
 public:
  /// The input's size is the file's, or `input_size` where given.
  OnnxGraph(const Path& file, const onnx::GraphProto& graph, int64_t opset,
            const std::optional<Shape>& input_size);

  int64_t opset() const { return opset_; }
  /// The declared batch size, or 0 where there is none.
  int64_t batch() const { return batch_; }
  Network& network() { return network_; }
  const Shape& ShapeOf(const OnnxImage& image) const { return network_.layer(image.layer).shape; }

  bool IsImage(const OnnxNode& node, int index) const;
  /// Input `index` of the node; Error where it is missing or a constant, and for the first two,
  /// where it is not (N, C, H, W), or a Pad comes before it.
  OnnxImage Image(const OnnxNode& node, int index) const;
  OnnxImage Image4d(const OnnxNode& node, int index) const;
  OnnxImage PaddedImage4d(const OnnxNode& node, int index) const;
  /// Error where it is not a constant of floating type.
  at::Tensor Constant(const OnnxNode& node, int index) const;
  /// Integers: a constant, or computed from shapes.
  OnnxNumbers Numbers(const OnnxNode& node, int index) const;

  /// The node's output is a new layer that bears its name.
  void Append(const OnnxNode& node, AnyKind kind, const std::vector<OnnxImage>& inputs, bool flat);
  /// The node's output is another name of `image`.
  void Alias(const OnnxNode& node, const OnnxImage& image);
  /// The node's output is `image` with zeros around it.
  void Pad(const OnnxNode& node, const OnnxImage& image);
  void Set(const OnnxNode& node, OnnxValue value);
  const OnnxValue& Value(const OnnxNode& node, int index) const;

  /// With batch normalisation folded, and nodes addressable where nothing else bears their names.
  Network Finish(const onnx::GraphProto& graph);

 private:
  static Network MakeNetwork(const Path& file, const onnx::ValueInfoProto& input,
                             const std::optional<Shape>& input_size);
  OnnxImage AnyImage(const OnnxNode& node, int index) const;

  const Path& file_;
  int64_t opset_ = 0;
  int64_t batch_ = 0;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  mutable std::map<std::string, OnnxValue> values_;  // decoded when first asked for
  std::vector<std::string> padded_;                  // outputs of Pad that an operator took up
  Network network_;
};

/// Imports one operator.
using OnnxHandler = void (*)(OnnxGraph& graph, const OnnxNode& node);

/// By operator: convolutions and poolings; arithmetic; shapes.
const std::map<std::string, OnnxHandler>& OnnxWindowHandlers();
const std::map<std::string, OnnxHandler>& OnnxArithmeticHandlers();
const std::map<std::string, OnnxHandler>& OnnxShapeHandlers();

}  // namespace netdissect
