#include "nn/torchscript/interpreter.h"

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "nn/import/moves.h"
#include "nn/import/not_supported.h"

namespace netdissect::torchscript {
namespace {

using torch::jit::Node;

// Beyond these a file goes round in circles rather than being large.

// Operators that are carried out where nothing depends on the image: arithmetic of numbers and
// constant tensors, lists and words. None of them touches anything outside.
const std::set<std::string>& PureOperators() {
  static const std::set<std::string> operators = {"aten::Bool",
                                                  "aten::Float",
                                                  "aten::Int",
                                                  "aten::IntImplicit",
                                                  "aten::FloatImplicit",
                                                  "aten::ScalarImplicit",
                                                  "aten::__and__",
                                                  "aten::__contains__",
                                                  "aten::__getitem__",
                                                  "aten::__is__",
                                                  "aten::__isnot__",
                                                  "aten::__not__",
                                                  "aten::__or__",
                                                  "aten::__xor__",
                                                  "aten::abs",
                                                  "aten::add",
                                                  "aten::all",
                                                  "aten::any",
                                                  "aten::append",
                                                  "aten::arange",
                                                  "aten::cat",
                                                  "aten::ceil",
                                                  "aten::clamp",
                                                  "aten::clone",
                                                  "aten::contiguous",
                                                  "aten::copy",
                                                  "aten::detach",
                                                  "aten::dim",
                                                  "aten::div",
                                                  "aten::eq",
                                                  "aten::exp",
                                                  "aten::expand",
                                                  "aten::extend",
                                                  "aten::flatten",
                                                  "aten::floor",
                                                  "aten::floor_divide",
                                                  "aten::floordiv",
                                                  "aten::format",
                                                  "aten::full",
                                                  "aten::ge",
                                                  "aten::gt",
                                                  "aten::index_select",
                                                  "aten::insert",
                                                  "aten::is_floating_point",
                                                  "aten::item",
                                                  "aten::le",
                                                  "aten::len",
                                                  "aten::list",
                                                  "aten::lower",
                                                  "aten::lt",
                                                  "aten::max",
                                                  "aten::min",
                                                  "aten::mul",
                                                  "aten::ne",
                                                  "aten::neg",
                                                  "aten::numel",
                                                  "aten::ones",
                                                  "aten::percentFormat",
                                                  "aten::permute",
                                                  "aten::pow",
                                                  "aten::range",
                                                  "aten::reciprocal",
                                                  "aten::remainder",
                                                  "aten::repeat",
                                                  "aten::reshape",
                                                  "aten::round",
                                                  "aten::rsqrt",
                                                  "aten::select",
                                                  "aten::size",
                                                  "aten::slice",
                                                  "aten::sqrt",
                                                  "aten::squeeze",
                                                  "aten::stack",
                                                  "aten::str",
                                                  "aten::sub",
                                                  "aten::sum",
                                                  "aten::t",
                                                  "aten::tensor",
                                                  "aten::to",
                                                  "aten::transpose",
                                                  "aten::type_as",
                                                  "aten::unsqueeze",
                                                  "aten::view",
                                                  "aten::zeros",
                                                  "aten::zeros_like",
                                                  "aten::ones_like",
                                                  "aten::broadcast_tensors",
                                                  "prim::NumToTensor",
                                                  "prim::min",
                                                  "prim::max",
                                                  "prim::abs",
                                                  "prim::dtype",
                                                  "prim::device",
                                                  "prim::layout",
                                                  "prim::TupleIndex",
                                                  "prim::ListConstruct",
                                                  "prim::unchecked_cast",
                                                  "prim::is_cuda"};
  return operators;
}

// Kinds of nodes that say something to people or processes, and change nothing.
bool IsSilent(const std::string& kind) {
  return kind == "aten::warn" || kind == "prim::Print" || kind == "prim::profile" ||
         kind == "aten::manual_seed";
}

const Unread* FirstUnread(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (const auto* unread = value.As<Unread>()) return unread;
    if (const auto* items = value.As<Items>()) {
      if (const Unread* inside = FirstUnread(**items)) return inside;
    }
  }
  return nullptr;
}

bool AllKnown(const std::vector<Value>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](const Value& value) { return value.As<c10::IValue>() != nullptr; });
}

Items MakeItems(std::vector<Value> values) {
  return std::make_shared<std::vector<Value>>(std::move(values));
}

// An IValue with modules and lists of tensors as what they are here.
Value Wrapped(const c10::IValue& value, const std::string& path) {
  if (value.isObject() && value.type()->is_module()) return Object{value, path};
  return value;
}

// A list or tuple of what does not depend on the image.
Value KnownItems(const Node& node, const std::vector<Value>& inputs) {
  std::vector<c10::IValue> items;
  for (const Value& input : inputs) items.push_back(*input.As<c10::IValue>());
  const c10::TypePtr type = node.outputs()[0]->type();
  if (type->kind() != c10::TypeKind::ListType)
    return c10::IValue(c10::ivalue::Tuple::create(items));
  c10::impl::GenericList list(type->expectRef<c10::ListType>().getElementType());
  for (const c10::IValue& item : items) list.push_back(item);
  return c10::IValue(list);
}

int64_t KnownInt(const Value& value, const char* what) {
  const auto* known = value.As<c10::IValue>();
  if (known == nullptr || !known->isInt()) FailUnsupported("{}: expected a known integer", what);
  return known->toInt();
}

bool KnownBool(const Value& value, const char* what) {
  const auto* known = value.As<c10::IValue>();
  if (known != nullptr && known->isBool()) return known->toBool();
  if (known != nullptr && known->isInt()) return known->toInt() != 0;
  FailUnsupported("{}: expected true or false, found what is computed from the image", what);
}

// conv2d of aten::conv2d, and relu of aten::relu_
std::string ShortName(const std::string& kind) {
  std::string name = kind.substr(kind.rfind(':') + 1);
  if (name.size() > 2 && name.back() == '_' && name.front() != '_') name.pop_back();
  if (!name.empty() && name.front() == '_' && name.find("__") != 0) name.erase(0, 1);
  return name;
}

bool IsInPlace(const std::string& kind) {
  return kind.substr(0, 6) == "aten::" && kind.back() == '_' && kind.substr(6, 2) != "__";
}

const Handler* HandlerOf(const std::string& name) {
  for (const auto* handlers :
       {&WindowHandlers(), &ElementwiseHandlers(), &ReductionHandlers(), &MoveHandlers()}) {
    const auto found = handlers->find(name);
    if (found != handlers->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

Value Interpreter::Forward(const torch::jit::Module& module) {
  const auto method = module.find_method("forward");
  if (!method) Fail("expected a method forward, found none");
  std::vector<Value> inputs = {Object{module._ivalue(), ""}, Fresh(graph_.input())};
  torch::jit::Function& function = method->function();
  const size_t expected = function.getSchema().arguments().size();
  for (size_t i = inputs.size(); i < expected; ++i) {
    const auto& argument = function.getSchema().arguments()[i];
    if (!argument.default_value()) {
      Fail("forward: expected one input, the image, found another without a default: {}",
           argument.name());
    }
    inputs.emplace_back(*argument.default_value());
  }
  std::vector<Value> results = CallGraph(function, inputs, "");
  return results.size() == 1 ? results.front() : Value(MakeItems(std::move(results)));
}

std::vector<Value> Interpreter::CallGraph(torch::jit::Function& function,
                                          const std::vector<Value>& inputs,
                                          const std::string& path) {
  if (++depth_ > kMostScriptCalls)
    Fail("{}: calls of functions are nested too deep", function.name());
  const std::shared_ptr<torch::jit::Graph> body = torch::jit::toGraphFunction(function).graph();
  Frame frame;
  const auto parameters = body->inputs();
  if (parameters.size() != inputs.size()) {
    Fail("{}: expected {} arguments, found {}", function.name(), parameters.size(), inputs.size());
  }
  for (size_t i = 0; i < inputs.size(); ++i) frame[parameters[i]] = inputs[i];
  frames_.push_back(&frame);
  std::vector<Value> results = Run(*body->block(), frame, path);
  frames_.pop_back();
  --depth_;
  return results;
}

std::vector<Value> Interpreter::Run(const torch::jit::Block& block, Frame& frame,
                                    const std::string& path) {
  const auto outputs = block.outputs();
  for (const Node* node : block.nodes()) {
    if (++steps_ > kMostScriptSteps) Fail("the graph does not come to an end");
    const bool makes_result =
        outputs.size() == 1 && node->outputs().size() == 1 && node->outputs()[0] == outputs[0];
    Step(*node, frame, path, makes_result);
  }
  std::vector<Value> results;
  for (const torch::jit::Value* output : outputs) results.push_back(frame.at(output));
  return results;
}

void Interpreter::LeaveOut(const Node& node, Frame& frame, size_t reason, const std::string& name) {
  for (const torch::jit::Value* output : node.outputs()) frame[output] = Unread{reason};
  unread_[reason].names.push_back(name);
}

void Interpreter::Step(const Node& node, Frame& frame, const std::string& path, bool makes_result) {
  const std::string kind = node.kind().toQualString();
  if (IsSilent(kind)) {
    for (const torch::jit::Value* output : node.outputs()) frame[output] = c10::IValue();
    return;
  }
  const std::string short_name = ShortName(kind);
  const std::string name = path.empty()   ? short_name
                           : makes_result ? path
                                          : path + "." + short_name;
  const int layers = graph_.network().size();
  try {
    if (kind == "prim::If") return Branch(node, frame, path);
    if (kind == "prim::Loop") return Loop(node, frame, path);
    std::vector<Value> inputs;
    for (const torch::jit::Value* input : node.inputs()) inputs.push_back(frame.at(input));
    std::vector<Value> outputs;
    if (kind == "prim::CallMethod") {
      outputs = CallMethod(node, inputs);
    } else if (kind == "prim::CallFunction") {
      const auto type = node.inputs()[0]->type()->expect<c10::FunctionType>();
      outputs = CallGraph(*type->function(), {inputs.begin() + 1, inputs.end()}, path);
    } else if (!StepPlainly(node, inputs, outputs)) {
      if (const Unread* unread = FirstUnread(inputs)) {
        return LeaveOut(node, frame, unread->reason, name);
      }
      const bool known = AllKnown(inputs);
      outputs = known && PureOperators().count(kind) != 0 ? Evaluate(node, inputs)
                                                          : Compute(node, inputs, name);
    }
    if (outputs.size() != node.outputs().size()) {
      FailUnsupported("expected {} results, found {}", node.outputs().size(), outputs.size());
    }
    for (size_t i = 0; i < outputs.size(); ++i) frame[node.outputs()[i]] = std::move(outputs[i]);
  } catch (const NotSupported& error) {
    graph_.TakeBack(layers);  // some of its layers may be there already
    const std::string where =
        path.empty() ? fmt::format("operator {}", kind) : fmt::format("{} ({})", path, kind);
    unread_.push_back({where, error.what(), {}});
    LeaveOut(node, frame, unread_.size() - 1, name);
  } catch (const Error& error) {
    const std::string message = error.what();
    // Said where it was found, by a call inside.
    if (message.find(" (aten::") != std::string::npos) throw;
    Fail("{} ({}): {}", path.empty() ? "forward" : path, kind, message);
  }
}

std::vector<Value> Interpreter::CallMethod(const Node& node, const std::vector<Value>& inputs) {
  const auto* object = inputs[0].As<Object>();
  if (object == nullptr) FailUnsupported("a call of a method of what is no module");
  const std::string& method = node.s(c10::attr::name);
  torch::jit::Function& function = object->object.toObjectRef().type()->getMethod(method);
  std::vector<Value> results = CallGraph(function, inputs, object->path);
  // The module's result bears the module's name.
  for (Value& result : results) {
    if (const auto* seen = result.As<Seen>()) {
      Seen named = *seen;
      if (!object->path.empty()) named.view = graph_.Alias(object->path, named.view);
      result = named;
    }
  }
  if (const Unread* unread = FirstUnread(results)) {
    unread_[unread->reason].names.push_back(object->path);
  }
  return results;
}

bool Interpreter::StepPlainly(const Node& node, const std::vector<Value>& inputs,
                              std::vector<Value>& outputs) {
  const std::string kind = node.kind().toQualString();
  const auto items_of = [&](size_t i) -> Items {
    const auto* items = inputs.at(i).As<Items>();
    return items == nullptr ? nullptr : *items;
  };
  if (kind == "prim::Constant") {
    const auto value = torch::jit::toIValue(node.outputs()[0]);
    outputs = {value ? Value(*value) : Value(c10::IValue())};
    return true;
  }
  if (kind == "prim::GetAttr") {
    const auto* object = inputs[0].As<Object>();
    const c10::IValue* known = inputs[0].As<c10::IValue>();
    const std::string& name = node.s(c10::attr::name);
    if (object == nullptr && (known == nullptr || !known->isObject())) return false;
    const c10::IValue& holder = object == nullptr ? *known : object->object;
    const std::string path =
        object == nullptr || object->path.empty() ? name : object->path + "." + name;
    outputs = {Wrapped(holder.toObjectRef().getAttr(name), path)};
    return true;
  }
  if (kind == "prim::ListConstruct" || kind == "prim::TupleConstruct") {
    // Lists of tensors may get more of them, which depend on the image.
    const bool of_tensors =
        kind == "prim::ListConstruct" &&
        node.outputs()[0]->type()->expectRef<c10::ListType>().getElementType()->kind() ==
            c10::TypeKind::TensorType;
    outputs = {AllKnown(inputs) && !of_tensors ? KnownItems(node, inputs)
                                               : Value(MakeItems(inputs))};
    return true;
  }
  if (kind == "prim::DictConstruct") {
    std::vector<Value> values;
    for (size_t i = 1; i < inputs.size(); i += 2) values.push_back(inputs[i]);
    outputs = {MakeItems(std::move(values))};
    return true;
  }
  if (kind == "prim::ListUnpack" || kind == "prim::TupleUnpack") {
    if (const Items items = items_of(0)) {
      outputs = *items;
    } else if (const auto* known = inputs[0].As<c10::IValue>()) {
      if (known->isTuple()) {
        for (const c10::IValue& item : known->toTupleRef().elements()) outputs.emplace_back(item);
      } else if (known->isList()) {
        for (const c10::IValue& item : known->toListRef()) outputs.emplace_back(item);
      }
    } else {
      return false;
    }
    return true;
  }
  if (kind == "aten::__getitem__" || kind == "prim::TupleIndex") {
    const Items items = items_of(0);
    if (!items) return false;
    int64_t index = KnownInt(inputs[1], "index");
    if (index < 0) index += static_cast<int64_t>(items->size());
    if (index < 0 || index >= static_cast<int64_t>(items->size())) {
      Fail("index: expected one below {}, found {}", items->size(), index);
    }
    outputs = {(*items)[static_cast<size_t>(index)]};
    return true;
  }
  if (kind == "aten::append") {
    const Items items = items_of(0);
    if (!items) return false;
    items->push_back(inputs[1]);
    outputs = {inputs[0]};
    return true;
  }
  if (kind == "aten::len") {
    const Items items = items_of(0);
    if (!items) return false;
    outputs = {Value(c10::IValue(static_cast<int64_t>(items->size())))};
    return true;
  }
  if (kind == "prim::unchecked_cast" || kind == "prim::CreateObject" ||
      kind == "prim::Uninitialized") {
    outputs = {kind == "prim::unchecked_cast" ? inputs[0] : Value(c10::IValue())};
    return true;
  }
  if (kind == "aten::__is__" || kind == "aten::__isnot__") {
    // Nothing that depends on the image is None.
    const auto none = [](const Value& value) {
      const auto* known = value.As<c10::IValue>();
      return known != nullptr && known->isNone();
    };
    if (AllKnown(inputs)) return false;
    const bool same = none(inputs[0]) && none(inputs[1]);
    outputs = {Value(c10::IValue(kind == "aten::__is__" ? same : !same))};
    return true;
  }
  if (kind == "prim::RaiseException") Fail("it raises an exception");
  const auto* seen = inputs.empty() ? nullptr : inputs[0].As<Seen>();
  if (seen != nullptr) {
    const std::vector<int64_t> sizes = SizesOf(seen->view.axes);
    if (kind == "aten::size" && inputs.size() == 1) {
      outputs = {Value(c10::IValue(sizes))};
      return true;
    }
    if (kind == "aten::size") {
      outputs = {Value(c10::IValue(sizes[AxisAt(KnownInt(inputs[1], "dim"), sizes.size())]))};
      return true;
    }
    if (kind == "aten::dim") {
      outputs = {Value(c10::IValue(static_cast<int64_t>(sizes.size())))};
      return true;
    }
    if (kind == "aten::is_floating_point") {
      outputs = {Value(c10::IValue(true))};
      return true;
    }
    if (kind == "prim::dtype" || kind == "prim::device" || kind == "prim::layout") {
      outputs = {Value(c10::IValue())};  // asked for where tensors are made
      return true;
    }
    if (kind == "aten::len") {
      outputs = {Value(c10::IValue(sizes.empty() ? int64_t{0} : sizes[0]))};
      return true;
    }
  }
  return false;
}

std::vector<Value> Interpreter::Evaluate(const Node& node, const std::vector<Value>& inputs) {
  torch::jit::Stack stack;
  for (const Value& input : inputs) stack.push_back(*input.As<c10::IValue>());
  try {
    node.getOperation()(stack);
  } catch (const std::exception& error) {
    FailUnsupported("it cannot be carried out: {}", error.what());
  }
  std::vector<Value> outputs;
  for (c10::IValue& value : stack) outputs.emplace_back(std::move(value));
  return outputs;
}

std::vector<Value> Interpreter::Compute(const Node& node, const std::vector<Value>& inputs,
                                        const std::string& name) {
  const std::string kind = node.kind().toQualString();
  const Handler* handler = kind.substr(0, 6) == "aten::" ? HandlerOf(ShortName(kind)) : nullptr;
  if (handler == nullptr) FailUnsupported("operator {} is no kind of layer", kind);
  std::map<std::string, Value> arguments;
  const std::vector<c10::Argument>& schema = node.schema().arguments();
  for (size_t i = 0; i < inputs.size() && i < schema.size(); ++i) {
    arguments.emplace(schema[i].name(), inputs[i]);
  }
  const Call call(graph_, name, std::move(arguments));
  std::vector<Value> outputs = (*handler)(call);
  if (IsInPlace(kind) && outputs.size() == 1 && call.IsSeen("self")) {
    if (const auto* after = outputs[0].As<Seen>()) {
      Seen changed = *after;
      changed.storage = call.InputSeen().storage;
      ChangeInPlace(call.InputSeen(), changed);
      outputs[0] = changed;
    }
  }
  return outputs;
}

void Interpreter::ChangeInPlace(const Seen& before, const Seen& after) {
  const std::shared_ptr<char> storage = before.storage;
  const int layer = before.view.layer;
  const View changed = after.view;
  const std::function<void(Value&)> change = [&](Value& value) {
    if (auto* items = std::get_if<Items>(&value.is)) {
      for (Value& item : **items) change(item);
    }
    auto* seen = std::get_if<Seen>(&value.is);
    if (seen == nullptr || seen->storage != storage) return;
    if (seen->view.layer != layer || seen->view.padded()) {
      FailUnsupported("a change in place of a part of another tensor");
    }
    // A function of each number keeps what the axes mean.
    seen->view.layer = changed.layer;
  };
  for (Frame* frame : frames_) {
    for (auto& [name, value] : *frame) change(value);
  }
}

void Interpreter::Branch(const Node& node, Frame& frame, const std::string& path) {
  const Value& condition = frame.at(node.inputs()[0]);
  if (const auto* unread = condition.As<Unread>()) {
    return LeaveOut(node, frame, unread->reason, path);
  }
  const bool taken = KnownBool(condition, "if");
  const std::vector<Value> results = Run(*node.blocks()[taken ? 0 : 1], frame, path);
  for (size_t i = 0; i < results.size(); ++i) frame[node.outputs()[i]] = results[i];
}

void Interpreter::Loop(const Node& node, Frame& frame, const std::string& path) {
  const int64_t most = KnownInt(frame.at(node.inputs()[0]), "loop");
  bool goes_on = KnownBool(frame.at(node.inputs()[1]), "loop");
  const torch::jit::Block& body = *node.blocks()[0];
  std::vector<Value> carried;
  for (size_t i = 2; i < node.inputs().size(); ++i) carried.push_back(frame.at(node.inputs()[i]));
  for (int64_t round = 0; goes_on && round < most; ++round) {
    if (round > kMostScriptRounds) Fail("loop: expected at most {} rounds", kMostScriptRounds);
    frame[body.inputs()[0]] = c10::IValue(round);
    for (size_t i = 0; i < carried.size(); ++i) frame[body.inputs()[i + 1]] = carried[i];
    std::vector<Value> results = Run(body, frame, path);
    goes_on = KnownBool(results[0], "loop");
    carried.assign(results.begin() + 1, results.end());
  }
  for (size_t i = 0; i < carried.size(); ++i) frame[node.outputs()[i]] = carried[i];
}

}  // namespace netdissect::torchscript
