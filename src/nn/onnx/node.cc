#include "nn/onnx/node.h"

#include <cmath>

#include "netdissect/base/error.h"
#include "nn/import/not_supported.h"

namespace netdissect {

using onnx::AttributeProto;

std::string OnnxNode::Input(int index) const {
  return index < proto_.input_size() ? proto_.input(index) : "";
}

std::string OnnxNode::Output(int index) const {
  return index < proto_.output_size() ? proto_.output(index) : "";
}

const AttributeProto* OnnxNode::Find(const std::string& attribute,
                                     AttributeProto::AttributeType type) const {
  used_.insert(attribute);
  for (const AttributeProto& candidate : proto_.attribute()) {
    if (candidate.name() != attribute) continue;
    if (!candidate.ref_attr_name().empty()) {
      FailUnsupported("attribute {}: a reference to a function's attribute is not supported",
                      attribute);
    }
    // Files of the first version leave the type out.
    if (candidate.type() != type && candidate.type() != AttributeProto::UNDEFINED) {
      Fail("attribute {}: expected {}, found {}", attribute,
           AttributeProto::AttributeType_Name(type),
           AttributeProto::AttributeType_Name(candidate.type()));
    }
    return &candidate;
  }
  return nullptr;
}

bool OnnxNode::Has(const std::string& attribute) const {
  for (const AttributeProto& candidate : proto_.attribute()) {
    if (candidate.name() == attribute) return true;
  }
  return false;
}

int64_t OnnxNode::Int(const std::string& attribute, int64_t otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::INT);
  return found == nullptr ? otherwise : found->i();
}

float OnnxNode::Float(const std::string& attribute, float otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::FLOAT);
  if (found == nullptr) return otherwise;
  if (!std::isfinite(found->f())) {
    Fail("attribute {}: expected a finite number, found {}", attribute, found->f());
  }
  return found->f();
}

std::string OnnxNode::String(const std::string& attribute, const std::string& otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::STRING);
  return found == nullptr ? otherwise : found->s();
}

std::vector<int64_t> OnnxNode::Ints(const std::string& attribute,
                                    const std::vector<int64_t>& otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::INTS);
  if (found == nullptr) return otherwise;
  return {found->ints().begin(), found->ints().end()};
}

std::vector<float> OnnxNode::Floats(const std::string& attribute) const {
  const AttributeProto* found = Find(attribute, AttributeProto::FLOATS);
  if (found == nullptr) return {};
  return {found->floats().begin(), found->floats().end()};
}

const onnx::TensorProto* OnnxNode::Tensor(const std::string& attribute) const {
  const AttributeProto* found = Find(attribute, AttributeProto::TENSOR);
  return found == nullptr ? nullptr : &found->t();
}

void OnnxNode::RefuseUnusedAttributes() const {
  for (const AttributeProto& candidate : proto_.attribute()) {
    if (used_.count(candidate.name()) == 0) {
      FailUnsupported("attribute {}: not supported", candidate.name());
    }
  }
}

}  // namespace netdissect
