#pragma once
// What kinds of layers check before they say what their output's shape is. Errors say what was
// expected and what was found; who asks for the shape names the layer.

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/limits.h"
#include "netdissect/nn/layer.h"
#include "nn/kinds/window.h"

namespace netdissect {

const Shape& FirstInput(const std::vector<Shape>& inputs);
const Shape& OnlyInput(const std::vector<Shape>& inputs);
[[noreturn]] void FailShapes(const char* expected, const std::vector<Shape>& inputs);

void RequirePositive(const char* what, int value);
void RequireWeight(const char* what, const at::Tensor& weight, const std::vector<int64_t>& shape);

/// Of a layer that normalises: weights of one number for each unit, where there are any.
void RequireNormalisation(float epsilon, const at::Tensor& scale, const at::Tensor& shift,
                          int units);

/// Of an output: at least 1 and at most what netdissect handles.
void RequireSizes(int64_t height, int64_t width);

/// Numbers whose products stay far from overflow.
void RequireBounded(const Window& window);

/// `units` maps of as many positions as the window has on `input`.
Shape Slide(const Window& window, int units, const Shape& input);

}  // namespace netdissect
