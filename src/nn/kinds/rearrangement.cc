#include "nn/kinds/rearrangement.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/shape_check.h"

namespace netdissect {

std::string Rearrangement::Name() const { return "rearrangement"; }

void Rearrangement::Visit(ParameterVisitor& visitor) {
  visitor.Visit("sizes", " ", &sizes);
  visitor.Visit("order", " ", &order);
  visitor.Visit("units", nullptr, &result.units);
  visitor.Visit("height", nullptr, &result.height);
  visitor.Visit("width", nullptr, &result.width);
}

Shape Rearrangement::OutputShape(const std::vector<Shape>& inputs) const {
  const Shape& in = OnlyInput(inputs);
  const int64_t values = int64_t{in.units} * in.height * in.width;
  const auto holds_them = [&](const std::vector<int>& lengths) {
    int64_t product = 1;
    for (int length : lengths) {
      if (length < 1 || product > kMostValues) return false;
      product *= length;
    }
    return product == values;
  };
  if (!holds_them(sizes)) {
    Fail("expected sizes of {} numbers in all, found {}", values, fmt::join(sizes, " x "));
  }
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool each_once = order.size() == sizes.size();
  for (size_t i = 0; each_once && i < sorted.size(); ++i) {
    each_once = sorted[i] == static_cast<int>(i);
  }
  if (!each_once) {
    Fail("expected an order of {} axes, found {}", sizes.size(), fmt::join(order, ", "));
  }
  if (!holds_them({result.units, result.height, result.width})) {
    Fail("expected a result of {} numbers, found {}", values, ToString(result));
  }
  return result;
}

at::Tensor Rearrangement::Evaluate(std::vector<at::Tensor> inputs, const Shape& /*output*/) const {
  const int64_t items = inputs.front().size(0);
  std::vector<int64_t> shape = {items}, axes = {0};
  for (int size : sizes) shape.push_back(size);
  for (int axis : order) axes.push_back(int64_t{axis} + 1);
  return inputs.front().reshape(shape).permute(axes).reshape(
      {items, result.units, result.height, result.width});
}

Recording Rearrangement::RecordedAs() const { return Recording::kNever; }

}  // namespace netdissect
