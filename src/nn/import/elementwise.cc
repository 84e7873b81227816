#include "nn/import/elementwise.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <array>

#include "nn/import/not_supported.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/extremum.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/product.h"
#include "nn/kinds/sum.h"

namespace netdissect {
namespace {

View Pointwisely(GraphBuilder& graph, const std::string& name, const View& x,
                 Pointwise::Function function, float a = 0, float b = 0) {
  Pointwise pointwise;
  pointwise.function = function;
  pointwise.a = a;
  pointwise.b = b;
  return ApplyToEach(graph, name, x, pointwise);
}

AnyKind KindOf(Arithmetic what) {
  switch (what) {
    case Arithmetic::kAdd:
    case Arithmetic::kSubtract: {
      Sum sum;
      if (what == Arithmetic::kSubtract) sum.coefficients = {1, -1};
      return sum;
    }
    case Arithmetic::kMultiply:
    case Arithmetic::kDivide:
      return Product{};
    case Arithmetic::kMaximum:
    case Arithmetic::kMinimum:
      break;
  }
  Extremum extremum;
  extremum.maximum = what == Arithmetic::kMaximum;
  return extremum;
}

// The axes of a tensor combined of two whose parts mean the same, one of them broadcast along some;
// nothing where they do not.
std::optional<Axes> Broadcast(Axes a, Axes b) {
  while (a.size() < b.size()) a.insert(a.begin(), Axis{});
  while (b.size() < a.size()) b.insert(b.begin(), Axis{});
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || b[i].empty()) continue;
    if (!a[i].empty()) return std::nullopt;
    a[i] = b[i];
  }
  return a;
}

// Whether each of C, H and W of two layers is equally large or 1 in one of them.
bool ShapesBroadcast(const Shape& a, const Shape& b) {
  const auto fit = [](int p, int q) { return p == q || p == 1 || q == 1; };
  return fit(a.units, b.units) && fit(a.height, b.height) && fit(a.width, b.width);
}

}  // namespace

View ApplyToEach(GraphBuilder& graph, const std::string& name, const View& x, AnyKind kind) {
  const View unpadded = graph.Unpadded(x);
  return graph.Add(name, std::move(kind), {unpadded.layer}, unpadded.axes);
}

View Combine(GraphBuilder& graph, const std::string& name, Arithmetic what, const View& first,
             const View& second) {
  View a = graph.Unpadded(first), b = graph.Unpadded(second);
  if (what == Arithmetic::kDivide) {
    b = Pointwisely(graph, name + "/reciprocal", b, Pointwise::Function::kReciprocal);
  }
  std::optional<Axes> axes = Broadcast(a.axes, b.axes);
  if (!axes || !ShapesBroadcast(graph.ShapeOf(a), graph.ShapeOf(b))) {
    if (a.axes.size() != b.axes.size()) {
      FailUnsupported("expected tensors that are seen along the same axes, found {} and {}",
                      ToString(SizesOf(a.axes)), ToString(SizesOf(b.axes)));
    }
    a = graph.Plain(a);
    b = graph.Plain(b);
    axes = Broadcast(a.axes, b.axes);
    if (!axes) {
      Fail("expected tensors of one shape, or 1 along some axes, found {} and {}",
           ToString(SizesOf(a.axes)), ToString(SizesOf(b.axes)));
    }
  }
  return graph.Add(name, KindOf(what), {a.layer, b.layer}, std::move(*axes));
}

at::Tensor PerChannel(const GraphBuilder& graph, const View& x, const at::Tensor& constant) {
  const Shape& shape = graph.ShapeOf(x);
  const std::vector<int64_t> sizes = SizesOf(x.axes);
  at::Tensor values = constant.to(at::kFloat);
  while (values.dim() > static_cast<int64_t>(sizes.size()) && values.size(0) == 1) {
    values = values.squeeze(0);
  }
  const auto complain = [&](const char* expected) {
    Fail("expected {}, found a constant of {} for a tensor of {}", expected,
         ToString(constant.sizes().vec()), ToString(sizes));
  };
  const int64_t missing = static_cast<int64_t>(sizes.size()) - values.dim();
  if (missing < 0) complain("at most as many axes as the tensor's");
  for (int64_t i = 0; i < missing; ++i) values = values.unsqueeze(0);
  for (size_t i = 0; i < sizes.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    if (values.size(axis) == 1) continue;
    if (values.size(axis) != sizes[i]) complain("numbers along each axis that fit, or one");
    if (IsOnly(x.axes[i], Origin::kC)) continue;
    const at::Tensor one = values.narrow(axis, 0, 1);
    if (!values.equal(one.expand_as(values))) {
      FailUnsupported("a constant that changes over positions ({} for a tensor of {})",
                      ToString(constant.sizes().vec()), ToString(sizes));
    }
    values = one;
  }
  // Channel c is at the digits of c along the axes.
  const at::Tensor places = at::empty({shape.units}, at::kLong);
  for (int64_t c = 0; c < shape.units; ++c) {
    int64_t place = 0;
    for (size_t i = 0; i < sizes.size(); ++i) {
      const int64_t size = values.size(static_cast<int64_t>(i));
      int64_t along = 0;
      if (size > 1) {
        for (const AxisPart& part : x.axes[i])
          along = along * part.size + c / part.inner % part.size;
      }
      place = place * size + along;
    }
    places.data_ptr<int64_t>()[c] = place;
  }
  return values.contiguous().reshape({-1}).index_select(0, places);
}

View ScaleAndShift(GraphBuilder& graph, const std::string& name, const View& x,
                   const at::Tensor& scale, const at::Tensor& shift) {
  const View unpadded = graph.Unpadded(x);
  return ApplyToEach(
      graph, name, unpadded,
      Affine(PerChannel(graph, unpadded, scale), PerChannel(graph, unpadded, shift)));
}

View Combine(GraphBuilder& graph, const std::string& name, Arithmetic what, const View& padded,
             const at::Tensor& constant, bool constant_first) {
  const View x = graph.Unpadded(padded);
  const at::Tensor c = PerChannel(graph, x, constant);
  const at::Tensor one = at::ones_like(c), zero = at::zeros_like(c);
  const auto affine = [&](const at::Tensor& scale, const at::Tensor& shift) {
    return ApplyToEach(graph, name, x, Affine(scale, shift));
  };
  switch (what) {
    case Arithmetic::kAdd:
      return affine(one, c);
    case Arithmetic::kSubtract:
      return constant_first ? affine(-one, c) : affine(one, -c);
    case Arithmetic::kMultiply:
      return affine(c, zero);
    case Arithmetic::kDivide: {
      if (!constant_first) {
        if ((c == 0).any().item<bool>()) Fail("expected a divisor other than 0, found 0");
        return affine(c.reciprocal(), zero);
      }
      const View inverse =
          Pointwisely(graph, name + "/reciprocal", x, Pointwise::Function::kReciprocal);
      return ApplyToEach(graph, name, inverse, Affine(c, zero));
    }
    case Arithmetic::kMaximum:
    case Arithmetic::kMinimum:
      break;
  }
  const auto bound = c[0].item<float>();
  if (!c.equal(c[0].expand_as(c))) FailUnsupported("a different bound for each channel");
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  return what == Arithmetic::kMaximum
             ? Pointwisely(graph, name, x, Pointwise::Function::kClip, bound, kOpen)
             : Pointwisely(graph, name, x, Pointwise::Function::kClip, -kOpen, bound);
}

}  // namespace netdissect
