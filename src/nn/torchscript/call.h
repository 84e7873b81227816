#pragma once
// One operator of a TorchScript graph with its arguments, by the names of its schema.

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nn/import/graph_builder.h"
#include "nn/torchscript/value.h"

namespace netdissect::torchscript {

class Call {
 public:
  Call(GraphBuilder& graph, std::string name, std::map<std::string, Value> arguments)
      : graph_(graph), name_(std::move(name)), arguments_(std::move(arguments)) {}

  GraphBuilder& graph() const { return graph_; }
  /// Of the layer that is made.
  const std::string& name() const { return name_; }

  bool Has(const char* argument) const { return arguments_.count(argument) != 0; }
  /// Not given, or None.
  bool IsNone(const char* argument) const;
  bool IsSeen(const char* argument) const;

  const View& Input(const char* argument = "self") const;
  const Seen& InputSeen(const char* argument = "self") const;
  std::vector<View> Inputs(const char* argument) const;
  /// A constant tensor of floating type.
  at::Tensor Tensor(const char* argument) const;
  /// The same, undefined where it is None.
  at::Tensor OptionalTensor(const char* argument) const;
  int64_t Int(const char* argument) const;
  double Number(const char* argument) const;
  bool Bool(const char* argument) const;
  std::string String(const char* argument) const;
  std::vector<int64_t> Ints(const char* argument) const;
  std::vector<double> Numbers(const char* argument) const;

 private:
  const Value& Argument(const char* argument) const;
  const c10::IValue& Known(const char* argument, const char* expected) const;

  GraphBuilder& graph_;
  std::string name_;
  std::map<std::string, Value> arguments_;
};

/// What the operator's outputs mean.
using Handler = std::vector<Value> (*)(const Call& call);

/// By name without namespace and without the underscore of operators in place.
const std::map<std::string, Handler>& WindowHandlers();
const std::map<std::string, Handler>& ElementwiseHandlers();
const std::map<std::string, Handler>& ReductionHandlers();
const std::map<std::string, Handler>& MoveHandlers();

}  // namespace netdissect::torchscript
