#pragma once
// One operator of an ONNX graph, with typed access to its attributes.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "nn/onnx_proto.h"

namespace netdissect {

class OnnxNode {
 public:
  OnnxNode(const Path& file, const onnx::NodeProto& proto) : file_(file), proto_(proto) {}

  const std::string& op() const { return proto_.op_type(); }
  const std::string& name() const { return proto_.name(); }
  const Path& file() const { return file_; }

  /// The tensor's name, or "" where the input is left out.
  std::string Input(int index) const;
  int CountInputs() const { return proto_.input_size(); }
  /// Error where the node has none.
  const std::string& Output() const;

  bool Has(const std::string& attribute) const;
  int64_t Int(const std::string& attribute, int64_t otherwise) const;
  float Float(const std::string& attribute, float otherwise) const;
  std::string String(const std::string& attribute, const std::string& otherwise) const;
  std::vector<int64_t> Ints(const std::string& attribute,
                            const std::vector<int64_t>& otherwise) const;
  std::vector<float> Floats(const std::string& attribute) const;
  /// Nothing where the node does not have it.
  const onnx::TensorProto* Tensor(const std::string& attribute) const;

  /// `file: node "conv1" (Conv): what`.
  [[noreturn]] void Complain(const std::string& what) const;
  [[noreturn]] void ComplainAttribute(const std::string& attribute, const std::string& what) const;

  /// Error about an attribute that nothing has asked for, since it may change the result.
  void RefuseUnusedAttributes() const;

 private:
  const onnx::AttributeProto* Find(const std::string& attribute,
                                   onnx::AttributeProto::AttributeType type) const;

  const Path& file_;
  const onnx::NodeProto& proto_;
  mutable std::set<std::string> used_;
};

}  // namespace netdissect
