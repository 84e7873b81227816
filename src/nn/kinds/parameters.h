#pragma once
// Going through what a kind of layer is made of: to write it, to read it, to digest it.

#include <ATen/core/Tensor.h>

#include <variant>
#include <vector>

#include "netdissect/nn/layer.h"

namespace netdissect {

using ParameterRef = std::variant<int*, float*, bool*, Extent*, Padding*, std::vector<float>*>;

class ParameterVisitor {
 public:
  virtual ~ParameterVisitor() = default;

  /// `digest` stands before the value in the text that is digested; none where the value does not
  /// decide what is computed, or is found in the output's shape. Stored results are found by their
  /// digests: it must stay as it is.
  virtual void Visit(const char* name, const char* digest, ParameterRef value) = 0;

  /// May be undefined.
  virtual void VisitWeight(const char* name, at::Tensor& weight) = 0;
};

}  // namespace netdissect
