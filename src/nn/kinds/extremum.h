#pragma once

#include "nn/kinds/families.h"

namespace netdissect {

/// The largest or the least of its inputs, number by number.
struct Extremum : ElementwiseKind {
  bool maximum = true;

  Extremum() = default;
  explicit Extremum(bool largest) : maximum(largest) {}

  std::string Name() const override;
  void Visit(ParameterVisitor& visitor) override;
  at::Tensor Evaluate(std::vector<at::Tensor> inputs, const Shape& output) const override;
  void ComputeRows(const RowTask& task) const override;
  Recording RecordedAs() const override;
};

}  // namespace netdissect
