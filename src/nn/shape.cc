#include "nn/shape.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "netdissect/base/error.h"
#include "netdissect/nn/window.h"

namespace netdissect {
namespace {

// Above this a graph is malformed rather than large.
constexpr int64_t kMostValues = (int64_t{1} << 31) - 1;

class Checker {
 public:
  Checker(const std::string& name, const std::vector<Shape>& inputs)
      : name_(name), inputs_(inputs) {}

  Shape operator()(const Input&) const { Fail("layer {}: a network has one input", name_); }

  Shape operator()(const Convolution& c) const {
    const Shape& in = OnlyInput();
    RequirePositive("units", c.units);
    RequirePositive("groups", c.groups);
    if (in.units % c.groups != 0 || c.units % c.groups != 0) {
      Fail("layer {}: expected groups that divide {} input and {} output units, found {}", name_,
           in.units, c.units, c.groups);
    }
    RequireWeight("weight", c.weight, {c.units, in.units / c.groups, c.kernel.y, c.kernel.x});
    if (c.bias.defined()) RequireWeight("bias", c.bias, {c.units});
    return Slide(c, c.units, in);
  }

  Shape operator()(const InnerProduct& p) const {
    const Shape& in = OnlyInput();
    RequirePositive("units", p.units);
    RequireWeight("weight", p.weight, {p.units, int64_t{in.units} * in.height * in.width});
    if (p.bias.defined()) RequireWeight("bias", p.bias, {p.units});
    return {p.units, 1, 1};
  }

  Shape operator()(const Pooling& p) const {
    const Shape& in = OnlyInput();
    const Window window = *WindowOf(p);
    if (p.padding.top >= window.y.extent() || p.padding.left >= window.x.extent() ||
        p.padding.bottom >= window.y.extent() || p.padding.right >= window.x.extent()) {
      Fail(
          "layer {}: expected padding smaller than the pooling window of {} x {}, found {} {} {} "
          "{}",
          name_, window.y.extent(), window.x.extent(), p.padding.top, p.padding.left,
          p.padding.bottom, p.padding.right);
    }
    return Slide(p, in.units, in);
  }

  Shape operator()(const LocalResponseNorm& n) const {
    RequirePositive("size", n.size);
    return OnlyInput();
  }

  Shape operator()(const Relu& r) const {
    const Shape& in = OnlyInput();
    if (r.slopes.defined()) RequireWeight("slopes", r.slopes, {in.units});
    return in;
  }

  Shape operator()(const Concatenation&) const {
    Shape out = FirstInput();
    int64_t units = 0;
    for (const Shape& in : inputs_) {
      if (in.height != out.height || in.width != out.width) FailShapes("of one height and width");
      units += in.units;
    }
    if (units > kMostValues)
      Fail("layer {}: {} units are more than netdissect handles", name_, units);
    out.units = static_cast<int>(units);
    return out;
  }

  Shape operator()(const Sum& s) const {
    for (const Shape& in : inputs_) {
      if (in != FirstInput()) FailShapes("of one shape");
    }
    if (!s.coefficients.empty() && s.coefficients.size() != inputs_.size()) {
      Fail("layer {}: expected {} coefficients, found {}", name_, inputs_.size(),
           s.coefficients.size());
    }
    return FirstInput();
  }

  Shape operator()(const Affine& a) const {
    const Shape& in = OnlyInput();
    RequireWeight("scale", a.scale, {in.units});
    RequireWeight("shift", a.shift, {in.units});
    return in;
  }

  Shape operator()(const Softmax&) const { return OnlyInput(); }
  Shape operator()(const Dropout&) const { return OnlyInput(); }
  Shape operator()(const Flatten&) const {
    const Shape& in = OnlyInput();
    return {in.units * in.height * in.width, 1, 1};
  }
  Shape operator()(const GlobalAveragePooling&) const { return {OnlyInput().units, 1, 1}; }
  Shape operator()(const GlobalMaxPooling&) const { return {OnlyInput().units, 1, 1}; }

 private:
  const Shape& FirstInput() const {
    if (inputs_.empty()) Fail("layer {}: expected at least one input, found none", name_);
    return inputs_.front();
  }

  const Shape& OnlyInput() const {
    if (inputs_.size() != 1) {
      Fail("layer {}: expected one input, found {}", name_, inputs_.size());
    }
    return inputs_.front();
  }

  [[noreturn]] void FailShapes(const char* expected) const {
    std::string shapes;
    for (const Shape& in : inputs_) shapes += (shapes.empty() ? "" : ", ") + ToString(in);
    Fail("layer {}: expected inputs {}, found {}", name_, expected, shapes);
  }

  void RequirePositive(const char* what, int value) const {
    if (value < 1) Fail("layer {}: expected a positive number of {}, found {}", name_, what, value);
  }

  void RequireWeight(const char* what, const at::Tensor& weight,
                     const std::vector<int64_t>& shape) const {
    if (!weight.defined()) {
      Fail("layer {}: expected a {} of shape {}, found none", name_, what, fmt::join(shape, " x "));
    }
    if (weight.sizes() != at::IntArrayRef(shape)) {
      Fail("layer {}: expected a {} of shape {}, found {}", name_, what, fmt::join(shape, " x "),
           fmt::join(weight.sizes().vec(), " x "));
    }
  }

  int SlideAxis(const char* axis, const AxisWindow& window, int size) const {
    if (window.kernel < 1 || window.stride < 1 || window.dilation < 1 || window.before < 0 ||
        window.after < 0 || window.kernel > 1 << 14 || window.dilation > 1 << 14 ||
        window.before > 1 << 14 || window.after > 1 << 14) {
      Fail(
          "layer {}: expected kernel, stride and dilation of at least 1 and padding of at least 0 "
          "along {}, found {}, {}, {}, {} and {}",
          name_, axis, window.kernel, window.stride, window.dilation, window.before, window.after);
    }
    const int output = window.OutputSize(size);
    if (output < 1) {
      Fail("layer {}: a window of {} does not fit an input of {} along {} with padding {} and {}",
           name_, window.extent(), size, axis, window.before, window.after);
    }
    return output;
  }

  Shape Slide(const LayerKind& kind, int units, const Shape& in) const {
    const Window window = *WindowOf(kind);
    return {units, SlideAxis("y", window.y, in.height), SlideAxis("x", window.x, in.width)};
  }

  const std::string& name_;
  const std::vector<Shape>& inputs_;
};

}  // namespace

Shape InferShape(const std::string& name, const LayerKind& kind, const std::vector<Shape>& inputs) {
  const Shape shape = std::visit(Checker(name, inputs), kind);
  if (int64_t{shape.units} * shape.height * shape.width > kMostValues) {
    Fail("layer {}: an output of {} is larger than netdissect handles", name, ToString(shape));
  }
  return shape;
}

}  // namespace netdissect
