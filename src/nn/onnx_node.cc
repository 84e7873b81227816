#include "nn/onnx_node.h"

#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {

using onnx::AttributeProto;

std::string OnnxNode::Input(int index) const {
  return index < proto_.input_size() ? proto_.input(index) : "";
}

const std::string& OnnxNode::Output() const {
  if (proto_.output_size() == 0 || proto_.output(0).empty())
    Complain("expected an output, found none");
  return proto_.output(0);
}

const AttributeProto* OnnxNode::Find(const std::string& attribute,
                                     AttributeProto::AttributeType type) const {
  used_.insert(attribute);
  for (const AttributeProto& candidate : proto_.attribute()) {
    if (candidate.name() != attribute) continue;
    if (!candidate.ref_attr_name().empty()) {
      ComplainAttribute(attribute, "a reference to a function's attribute is not supported");
    }
    // Files of the first version leave the type out.
    if (candidate.type() != type && candidate.type() != AttributeProto::UNDEFINED) {
      ComplainAttribute(
          attribute, fmt::format("expected {}, found {}", AttributeProto::AttributeType_Name(type),
                                 AttributeProto::AttributeType_Name(candidate.type())));
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
    ComplainAttribute(attribute, fmt::format("expected a finite number, found {}", found->f()));
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

void OnnxNode::Complain(const std::string& what) const {
  Fail("{}: node \"{}\" ({}): {}", file_.string(),
       name().empty() && proto_.output_size() != 0 ? proto_.output(0) : name(), op(), what);
}

void OnnxNode::ComplainAttribute(const std::string& attribute, const std::string& what) const {
  Complain("attribute " + attribute + ": " + what);
}

void OnnxNode::RefuseUnusedAttributes() const {
  for (const AttributeProto& candidate : proto_.attribute()) {
    if (used_.count(candidate.name()) == 0) ComplainAttribute(candidate.name(), "not supported");
  }
}

}  // namespace netdissect
