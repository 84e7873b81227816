#include "nn/onnx/functions.h"

#include <map>
#include <string>

#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

class Inliner {
 public:
  Inliner(const Path& file, const onnx::ModelProto& model) : file_(file) {
    for (const onnx::FunctionProto& function : model.functions()) {
      functions_[{function.domain(), function.name()}] = &function;
    }
  }

  void Append(const onnx::NodeProto& node, int depth) {
    const auto function = functions_.find({node.domain(), node.op_type()});
    if (function == functions_.end()) {
      if (nodes_.size() >= kMostOnnxNodes)
        Fail("{}: more than {} operators", file_.string(), kMostOnnxNodes);
      nodes_.push_back(node);
      return;
    }
    if (depth > kMostOnnxCalls) {
      Fail("{}: function {}: calls are nested too deep", file_.string(), node.op_type());
    }
    for (const onnx::NodeProto& inner : function->second->node()) {
      Append(Bound(inner, node, *function->second), depth + 1);
    }
  }

  std::vector<onnx::NodeProto> Take() { return std::move(nodes_); }

 private:
  // A function's operator with the call's tensors and attributes in place of the formal ones.
  static onnx::NodeProto Bound(const onnx::NodeProto& inner, const onnx::NodeProto& call,
                               const onnx::FunctionProto& function) {
    const std::string scope = call.name().empty() ? call.output(0) : call.name();
    std::map<std::string, std::string> names;
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    }
    for (int i = 0; i < function.output_size() && i < call.output_size(); ++i) {
      if (!call.output(i).empty()) names[function.output(i)] = call.output(i);
    }
    const auto bound = [&](const std::string& name) {
      const auto found = names.find(name);
      return name.empty() || found == names.end() ? (name.empty() ? name : scope + "/" + name)
                                                  : found->second;
    };
    onnx::NodeProto node = inner;
    node.set_name(scope + "/" + (inner.name().empty() ? inner.op_type() : inner.name()));
    for (std::string& input : *node.mutable_input()) input = bound(input);
    for (std::string& output : *node.mutable_output()) output = bound(output);
    node.clear_attribute();
    for (const onnx::AttributeProto& attribute : inner.attribute()) {
      if (attribute.ref_attr_name().empty()) {
        *node.add_attribute() = attribute;
        continue;
      }
      // What the call leaves out is as the operator has it otherwise.
      for (const onnx::AttributeProto& given : call.attribute()) {
        if (given.name() != attribute.ref_attr_name()) continue;
        onnx::AttributeProto* named = node.add_attribute();
        *named = given;
        named->set_name(attribute.name());
      }
    }
    return node;
  }

  const Path& file_;
  std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*> functions_;
  std::vector<onnx::NodeProto> nodes_;
};

}  // namespace

std::vector<onnx::NodeProto> NodesOf(const Path& file, const onnx::ModelProto& model) {
  Inliner inliner(file, model);
  for (const onnx::NodeProto& node : model.graph().node()) inliner.Append(node, 0);
  return inliner.Take();
}

}  // namespace netdissect
