#pragma once
// One operator of an ONNX graph, with typed access to its attributes. Errors name the attribute;
// who imports the node names file and node.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nn/onnx/proto.h"

namespace netdissect {

class OnnxNode {
 public:
  explicit OnnxNode(const onnx::NodeProto& proto) : proto_(proto) {}

  const std::string& op() const { return proto_.op_type(); }
  /// Its own, or that of its first output where it has none.
  std::string name() const { return proto_.name().empty() ? Output() : proto_.name(); }

  /// The tensor's name, or "" where the input is left out.
  std::string Input(int index) const;
  int CountInputs() const { return proto_.input_size(); }
  /// "" where the node has no such output, or it is left out.
  std::string Output(int index = 0) const;
  int CountOutputs() const { return proto_.output_size(); }

  bool Has(const std::string& attribute) const;
  int64_t Int(const std::string& attribute, int64_t otherwise) const;
  float Float(const std::string& attribute, float otherwise) const;
  std::string String(const std::string& attribute, const std::string& otherwise) const;
  std::vector<int64_t> Ints(const std::string& attribute,
                            const std::vector<int64_t>& otherwise) const;
  std::vector<float> Floats(const std::string& attribute) const;
  /// Nothing where the node does not have it.
  const onnx::TensorProto* Tensor(const std::string& attribute) const;

  /// Error about an attribute that nothing has asked for, since it may change the result.
  void RefuseUnusedAttributes() const;

 private:
  const onnx::AttributeProto* Find(const std::string& attribute,
                                   onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& proto_;
  mutable std::set<std::string> used_;
};

}  // namespace netdissect
