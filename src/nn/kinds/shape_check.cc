#include "nn/kinds/shape_check.h"

#include <ATen/TensorOperators.h>

#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

void RequireBounded(const char* axis, const AxisWindow& window) {
  const auto within = [](int value, int least) { return value >= least && value <= kLongestSide; };
  if (within(window.kernel, 1) && within(window.stride, 1) && within(window.dilation, 1) &&
      within(window.before, 0) && within(window.after, 0)) {
    return;
  }
  Fail(
      "expected kernel, stride and dilation of at least 1 and padding of at least 0 along {}, all "
      "up to {}, found {}, {}, {}, {} and {}",
      axis, kLongestSide, window.kernel, window.stride, window.dilation, window.before,
      window.after);
}

int SlideAxis(const char* axis, const AxisWindow& window, int size) {
  const int output = window.OutputSize(size);
  if (output < 1) {
    Fail("a window of {} does not fit an input of {} along {} with padding {} and {}",
         window.extent(), size, axis, window.before, window.after);
  }
  return output;
}

}  // namespace

const Shape& FirstInput(const std::vector<Shape>& inputs) {
  if (inputs.empty()) Fail("expected at least one input, found none");
  return inputs.front();
}

const Shape& OnlyInput(const std::vector<Shape>& inputs) {
  if (inputs.size() != 1) Fail("expected one input, found {}", inputs.size());
  return inputs.front();
}

void FailShapes(const char* expected, const std::vector<Shape>& inputs) {
  std::string shapes;
  for (const Shape& in : inputs) shapes += (shapes.empty() ? "" : ", ") + ToString(in);
  Fail("expected inputs {}, found {}", expected, shapes);
}

void RequirePositive(const char* what, int value) {
  if (value < 1) Fail("expected a positive number of {}, found {}", what, value);
}

void RequireWeight(const char* what, const at::Tensor& weight, const std::vector<int64_t>& shape) {
  if (!weight.defined()) {
    Fail("expected a {} of shape {}, found none", what, fmt::join(shape, " x "));
  }
  if (weight.sizes() != at::IntArrayRef(shape)) {
    Fail("expected a {} of shape {}, found {}", what, fmt::join(shape, " x "),
         fmt::join(weight.sizes().vec(), " x "));
  }
}

void RequireNormalisation(float epsilon, const at::Tensor& scale, const at::Tensor& shift,
                          int units) {
  if (!(epsilon >= 0)) Fail("expected an epsilon of at least 0, found {}", epsilon);
  if (scale.defined()) RequireWeight("scale", scale, {units});
  if (shift.defined()) RequireWeight("shift", shift, {units});
}

void RequireSizes(int64_t height, int64_t width) {
  if (height >= 1 && width >= 1 && height <= kMostValues && width <= kMostValues) return;
  Fail("expected an output of 1 to {} positions along each axis, found {} x {}", kMostValues,
       height, width);
}

void RequireBounded(const Window& window) {
  RequireBounded("y", window.y);
  RequireBounded("x", window.x);
}

Shape Slide(const Window& window, int units, const Shape& input) {
  RequireBounded(window);
  return {units, SlideAxis("y", window.y, input.height), SlideAxis("x", window.x, input.width)};
}

}  // namespace netdissect
