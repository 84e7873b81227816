#pragma once
// What acts on each number by itself, on two tensors number by number, and on tensor and constant,
// with the broadcasting of NumPy.

#include <string>

#include "nn/import/graph_builder.h"

namespace netdissect {

/// A kind that does the same to every number: whatever the axes are, they stay.
View ApplyToEach(GraphBuilder& graph, const std::string& name, const View& x, AnyKind kind);

enum class Arithmetic { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum };

View Combine(GraphBuilder& graph, const std::string& name, Arithmetic what, const View& a,
             const View& b);

/// x `what` constant, or constant `what` x.
View Combine(GraphBuilder& graph, const std::string& name, Arithmetic what, const View& x,
             const at::Tensor& constant, bool constant_first);

/// One number of a constant for each channel of x's layer, (C). NotSupported where it changes over
/// positions; Error where it does not fit.
at::Tensor PerChannel(const GraphBuilder& graph, const View& x, const at::Tensor& constant);

/// scale * x + shift, both as PerChannel takes them.
View ScaleAndShift(GraphBuilder& graph, const std::string& name, const View& x,
                   const at::Tensor& scale, const at::Tensor& shift);

}  // namespace netdissect
