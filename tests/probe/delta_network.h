#pragma once
// Networks with the geometry of AlexNet and of SqueezeNet whose kernels are all a one at the
// centre. A bright pixel at the centre of a unit's field fires that unit and no other: each window
// of 3 x 3 pooled at stride 2 shares its centre with no other window.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <string>

#include "netdissect/nn/geometry.h"
#include "netdissect/nn/network.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"

namespace netdissect {

class DeltaNetwork {
 public:
  static DeltaNetwork AlexNet() {
    DeltaNetwork made(227);
    made.Convolve(11, 4, 0);
    made.Pool();
    made.Convolve(5, 1, 2);
    made.Pool();
    for (int i = 0; i < 3; ++i) made.Convolve(3, 1, 1);
    return made;
  }

  static DeltaNetwork SqueezeNet() {
    DeltaNetwork made(227);
    made.Convolve(3, 2, 0);
    made.Pool();
    for (int i = 0; i < 2; ++i) made.Fire();
    made.Pool();
    for (int i = 0; i < 2; ++i) made.Fire();
    made.Pool();
    for (int i = 0; i < 4; ++i) made.Fire();
    return made;
  }

  const Network& network() const { return network_; }
  int layer() const { return last_; }
  const Shape& shape() const { return network_.layer(last_).shape; }
  ReceptiveField field() const { return TheoreticalFields(network_)[static_cast<size_t>(last_)]; }

  /// Black but for one bright pixel.
  static at::Tensor BrightPixel(int size, int64_t y, int64_t x) {
    at::Tensor input = at::zeros({1, 3, size, size});
    input.narrow(2, y, 1).narrow(3, x, 1).fill_(1);
    return input;
  }

  /// (H, W) map of the unit.
  at::Tensor MapOf(const at::Tensor& input) const {
    return network_.Forward(input, {last_})[0][0][0].contiguous();
  }

 private:
  explicit DeltaNetwork(int size) : network_({3, size, size}) {}

  int Append(AnyKind kind, std::vector<int> inputs) {
    return network_.Add("layer" + std::to_string(network_.size()), std::move(kind), inputs);
  }

  int Delta(int kernel, int stride, int pad, int input) {
    const int channels = network_.layer(input).shape.units;
    Convolution c;
    c.units = 1;
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    c.padding = {pad, pad, pad, pad};
    c.weight = at::zeros({1, channels, kernel, kernel});
    c.weight.narrow(2, kernel / 2, 1).narrow(3, kernel / 2, 1).fill_(1.0 / channels);
    return Append(Relu{}, {Append(c, {input})});
  }

  void Convolve(int kernel, int stride, int pad) { last_ = Delta(kernel, stride, pad, last_); }

  void Fire() { last_ = Append(Concatenation{}, {Delta(1, 1, 0, last_), Delta(3, 1, 1, last_)}); }

  void Pool() {
    Pooling p;
    p.kernel = {3, 3};
    p.stride = {2, 2};
    p.ceil = true;
    last_ = Append(p, {last_});
  }

  Network network_;
  int last_ = 0;
};

}  // namespace netdissect
