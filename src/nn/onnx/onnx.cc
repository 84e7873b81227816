#include "nn/onnx/onnx.h"

#include <limits>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/import/not_supported.h"
#include "nn/onnx/functions.h"
#include "nn/onnx/graph.h"

namespace netdissect {
namespace {

const std::map<std::string, OnnxHandler>& Handlers() {
  static const std::map<std::string, OnnxHandler> handlers = [] {
    std::map<std::string, OnnxHandler> all;
    for (const auto* some : {&OnnxWindowHandlers(), &OnnxArithmeticHandlers(),
                             &OnnxReductionHandlers(), &OnnxMoveHandlers()}) {
      all.insert(some->begin(), some->end());
    }
    return all;
  }();
  return handlers;
}

bool IsStandard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

onnx::ModelProto Parse(const Path& path) {
  const std::string bytes = ReadFile(path);
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    Fail("{}: expected at most 2 GiB, found {}", path.string(),
         FormatBytes(static_cast<int64_t>(bytes.size())));
  }
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    Fail(
        "{}: expected an ONNX model, found one that is cut off or damaged, or another format ({} "
        "bytes)",
        path.string(), bytes.size());
  }
  return model;
}

// The version of the operators' definitions; it is written after the graph, so that a file that was
// cut off between two fields has none.
int64_t OpsetOf(const Path& path, const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (IsStandard(opset.domain())) return opset.version();
  }
  Fail(
      "{}: expected an opset_import of ONNX's operators, found none: not an ONNX model, or cut off",
      path.string());
}

void Import(OnnxGraph& graph, const OnnxNode& node, const std::string& domain) {
  bool constant = true;
  for (int i = 0; i < node.CountInputs(); ++i) constant = constant && !graph.IsView(node, i);
  const auto& handlers = constant ? OnnxConstantHandlers() : Handlers();
  const auto handler = handlers.find(node.op());
  if (constant && handler == handlers.end() && Handlers().count(node.op()) != 0) {
    Fail("expected what depends on the image, found constants alone");
  }
  if (handler == handlers.end() || !IsStandard(domain)) {
    std::vector<std::string> supported;
    for (const auto& [op, ignored] : handlers) supported.push_back(op);
    FailUnsupported("operator {}{} is not supported{}; supported: {}",
                    IsStandard(domain) ? "" : domain + ".", node.op(),
                    constant ? " of constants" : "", Join(supported));
  }
  handler->second(graph, node);
  node.RefuseUnusedAttributes();
}

}  // namespace

OnnxInput ReadOnnxInput(const Path& path) { return DeclaredInput(path, Parse(path).graph()); }

Network ReadOnnx(const Path& path, const std::optional<Shape>& input_size) {
  const onnx::ModelProto model = Parse(path);
  if (!model.has_graph() || model.graph().node_size() == 0) {
    Fail("{}: expected a graph of operators, found none: not an ONNX model, or cut off",
         path.string());
  }
  OnnxGraph graph(path, model.graph(), OpsetOf(path, model), input_size);
  const std::vector<onnx::NodeProto> nodes = NodesOf(path, model);
  for (const onnx::NodeProto& proto : nodes) {
    const OnnxNode node(proto);
    graph.Import(node, [&] { Import(graph, node, proto.domain()); });
  }
  return graph.Finish(model.graph(), nodes);
}

}  // namespace netdissect
