#pragma once
// Going through what a kind of layer is made of: to write it, to read it, to digest it.

#include <ATen/core/Tensor.h>

#include <utility>
#include <variant>
#include <vector>

#include "netdissect/nn/layer.h"

namespace netdissect {

/// One of some words, by its number.
struct Choice {
  int value = 0;
  std::vector<const char*> words;
};

using ParameterRef = std::variant<int*, float*, bool*, Extent*, Padding*, std::vector<float>*,
                                  std::vector<int>*, Choice*>;

class ParameterVisitor {
 public:
  virtual ~ParameterVisitor() = default;

  /// `digest` stands before the value in the text that is digested; none where the value does not
  /// decide what is computed, or is found in the output's shape. Stored results are found by their
  /// digests: it must stay as it is.
  virtual void Visit(const char* name, const char* digest, ParameterRef value) = 0;

  /// The same for an enum, whose values are those of `words` in order.
  template <typename Enum>
  void VisitChoice(const char* name, const char* digest, std::vector<const char*> words,
                   Enum& value) {
    Choice choice{static_cast<int>(value), std::move(words)};
    Visit(name, digest, &choice);
    value = static_cast<Enum>(choice.value);
  }

  /// May be undefined.
  virtual void VisitWeight(const char* name, at::Tensor& weight) = 0;
};

}  // namespace netdissect
