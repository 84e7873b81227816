#pragma once
// Reads the graph of a module's method by going through it as if it ran: numbers, lists and
// branches are followed, what would compute with the image becomes layers.

#include <torch/csrc/jit/api/module.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "nn/torchscript/call.h"

namespace netdissect::torchscript {

class Interpreter {
 public:
  explicit Interpreter(GraphBuilder& graph) : graph_(graph) {}

  /// The result of the module's `forward` for the graph's input.
  Value Forward(const torch::jit::Module& module);

  const std::vector<UnreadPart>& unread() const { return unread_; }

 private:
  using Frame = std::unordered_map<const torch::jit::Value*, Value>;

  /// A method, function or block, of the module at `path`.
  std::vector<Value> Run(const torch::jit::Block& block, Frame& frame, const std::string& path);
  void Step(const torch::jit::Node& node, Frame& frame, const std::string& path, bool makes_result);
  std::vector<Value> CallMethod(const torch::jit::Node& node, const std::vector<Value>& inputs);
  std::vector<Value> CallGraph(torch::jit::Function& function, const std::vector<Value>& inputs,
                               const std::string& path);
  void Branch(const torch::jit::Node& node, Frame& frame, const std::string& path);
  void Loop(const torch::jit::Node& node, Frame& frame, const std::string& path);
  /// Operators with values of lists and modules, and with numbers; nothing where it is another.
  bool StepPlainly(const torch::jit::Node& node, const std::vector<Value>& inputs,
                   std::vector<Value>& outputs);
  std::vector<Value> Compute(const torch::jit::Node& node, const std::vector<Value>& inputs,
                             const std::string& name);
  std::vector<Value> Evaluate(const torch::jit::Node& node, const std::vector<Value>& inputs);
  /// All views of the storage see the new layer.
  void ChangeInPlace(const Seen& before, const Seen& after);
  void LeaveOut(const torch::jit::Node& node, Frame& frame, size_t reason, const std::string& name);

  GraphBuilder& graph_;
  std::vector<Frame*> frames_;
  std::vector<UnreadPart> unread_;
  int depth_ = 0;
  int64_t steps_ = 0;
};

}  // namespace netdissect::torchscript
