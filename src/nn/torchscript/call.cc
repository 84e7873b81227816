#include "nn/torchscript/call.h"

#include <ATen/TensorOperators.h>

#include "nn/import/not_supported.h"

namespace netdissect::torchscript {

const Value& Call::Argument(const char* argument) const {
  const auto found = arguments_.find(argument);
  if (found == arguments_.end()) Fail("argument {}: expected one, found none", argument);
  return found->second;
}

const c10::IValue& Call::Known(const char* argument, const char* expected) const {
  const auto* known = Argument(argument).As<c10::IValue>();
  if (known == nullptr) {
    FailUnsupported("argument {}: expected {}, found what is computed from the image", argument,
                    expected);
  }
  return *known;
}

bool Call::IsNone(const char* argument) const {
  const auto found = arguments_.find(argument);
  if (found == arguments_.end()) return true;
  const auto* known = found->second.As<c10::IValue>();
  return known != nullptr && known->isNone();
}

bool Call::IsSeen(const char* argument) const {
  const auto found = arguments_.find(argument);
  return found != arguments_.end() && found->second.As<Seen>() != nullptr;
}

const Seen& Call::InputSeen(const char* argument) const {
  const auto* seen = Argument(argument).As<Seen>();
  if (seen == nullptr) {
    FailUnsupported("argument {}: expected what depends on the image, found a constant", argument);
  }
  return *seen;
}

const View& Call::Input(const char* argument) const { return InputSeen(argument).view; }

std::vector<View> Call::Inputs(const char* argument) const {
  std::vector<View> views;
  const auto* items = Argument(argument).As<Items>();
  if (items == nullptr) FailUnsupported("argument {}: expected tensors", argument);
  for (const Value& item : **items) {
    const auto* seen = item.As<Seen>();
    if (seen == nullptr) {
      FailUnsupported("argument {}: expected what depends on the image, found a constant",
                      argument);
    }
    views.push_back(seen->view);
  }
  return views;
}

at::Tensor Call::Tensor(const char* argument) const {
  const c10::IValue& value = Known(argument, "a constant tensor");
  if (!value.isTensor()) {
    FailUnsupported("argument {}: expected a tensor, found {}", argument, value.tagKind());
  }
  const at::Tensor tensor = value.toTensor();
  if (tensor.is_quantized() || tensor.is_sparse() || !tensor.is_floating_point()) {
    FailUnsupported("argument {}: expected a tensor of floating type, found {}", argument,
                    std::string(tensor.toString()));
  }
  return tensor.detach().to(at::kCPU, at::kFloat).contiguous();
}

at::Tensor Call::OptionalTensor(const char* argument) const {
  return IsNone(argument) ? at::Tensor() : Tensor(argument);
}

double Call::Number(const char* argument) const {
  const c10::IValue& value = Known(argument, "a number");
  if (value.isInt()) return static_cast<double>(value.toInt());
  if (value.isDouble()) return value.toDouble();
  if (value.isBool()) return value.toBool() ? 1 : 0;
  if (value.isTensor() && value.toTensor().numel() == 1) {
    return value.toTensor().to(at::kDouble).item<double>();
  }
  FailUnsupported("argument {}: expected a number, found {}", argument, value.tagKind());
}

int64_t Call::Int(const char* argument) const {
  const c10::IValue& value = Known(argument, "an integer");
  if (value.isInt()) return value.toInt();
  if (value.isTensor() && value.toTensor().numel() == 1) return value.toTensor().item<int64_t>();
  FailUnsupported("argument {}: expected an integer, found {}", argument, value.tagKind());
}

bool Call::Bool(const char* argument) const {
  const c10::IValue& value = Known(argument, "true or false");
  if (!value.isBool()) {
    FailUnsupported("argument {}: expected true or false, found {}", argument, value.tagKind());
  }
  return value.toBool();
}

std::string Call::String(const char* argument) const {
  const c10::IValue& value = Known(argument, "a word");
  return value.isString() ? value.toStringRef() : "";
}

std::vector<int64_t> Call::Ints(const char* argument) const {
  const c10::IValue& value = Known(argument, "integers");
  if (value.isIntList()) return value.toIntVector();
  if (value.isInt()) return {value.toInt()};
  if (value.isNone()) return {};
  if (value.isList()) {
    std::vector<int64_t> numbers;
    for (const c10::IValue& item : value.toListRef()) {
      if (item.isInt()) {
        numbers.push_back(item.toInt());
      } else if (item.isTensor() && item.toTensor().numel() == 1) {
        numbers.push_back(item.toTensor().item<int64_t>());
      } else {
        FailUnsupported("argument {}: expected integers, found {}", argument, item.tagKind());
      }
    }
    return numbers;
  }
  FailUnsupported("argument {}: expected integers, found {}", argument, value.tagKind());
}

std::vector<double> Call::Numbers(const char* argument) const {
  const c10::IValue& value = Known(argument, "numbers");
  if (value.isNone()) return {};
  if (value.isDoubleList()) return value.toDoubleVector();
  if (value.isDouble()) return {value.toDouble()};
  FailUnsupported("argument {}: expected numbers, found {}", argument, value.tagKind());
}

}  // namespace netdissect::torchscript
