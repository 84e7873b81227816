#include "nn/torchscript/torchscript.h"

#include <torch/csrc/jit/serialization/import.h>

#include "base/explain.h"
#include "base/regular_file.h"
#include "netdissect/base/error.h"
#include "nn/torchscript/interpreter.h"

namespace netdissect {
namespace {

torch::jit::Module Load(const Path& path) {
  RequireRegularFile(path);
  try {
    torch::jit::Module module = torch::jit::load(path.string(), at::Device(at::kCPU));
    module.eval();
    return module;
  } catch (const std::exception& error) {
    Fail(
        "{}: expected a TorchScript file, as torch.jit.trace(model, x).save(file) writes it, found "
        "another, or one that is damaged: {}",
        path.string(), Explain(error));
  }
}

// The tensors among a result's values, in order.
void Collect(const torchscript::Value& value, std::vector<View>& views, bool& unread) {
  if (const auto* seen = value.As<torchscript::Seen>()) views.push_back(seen->view);
  if (value.As<torchscript::Unread>() != nullptr && views.empty()) unread = true;
  if (const auto* items = value.As<torchscript::Items>()) {
    for (const torchscript::Value& item : **items) Collect(item, views, unread);
  }
}

}  // namespace

Network ReadTorchScript(const Path& path, const Shape& input) {
  const torch::jit::Module module = Load(path);
  GraphBuilder graph(input, "input", LayerAxes(input), 0);
  torchscript::Interpreter interpreter(graph);
  torchscript::Value result;
  try {
    result = interpreter.Forward(module);
  } catch (const Error& error) {
    Fail("{}: {}", path.string(), error.what());
  }
  const std::vector<UnreadPart>& parts = interpreter.unread();
  if (graph.network().size() == 1 && !parts.empty()) {
    Fail("{}: {}: {}", path.string(), parts.front().from, parts.front().why);
  }
  std::vector<View> outputs;
  bool first_is_unread = false;
  Collect(result, outputs, first_is_unread);
  // Scores that were left out are not replaced by the next output.
  if (first_is_unread) outputs.clear();
  Network network = graph.Finish(outputs, {});
  for (const UnreadPart& part : parts) network.SetUnread(part);
  return network;
}

}  // namespace netdissect
