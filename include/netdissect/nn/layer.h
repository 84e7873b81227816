#pragma once
// The kinds of layers that a Network holds. Tensors are (N, C, H, W); the channels of a layer's
// output are its units; what is fully connected has H = W = 1. `y` is the vertical axis.

#include <ATen/core/Tensor.h>

#include <string>
#include <variant>
#include <vector>

namespace netdissect {

struct Extent {
  int y = 1;
  int x = 1;
};

struct Padding {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
};

/// (C, H, W) of one item.
struct Shape {
  int units = 0;
  int height = 0;
  int width = 0;
};
bool operator==(const Shape& a, const Shape& b);
inline bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }
/// "256 x 13 x 13"
std::string ToString(const Shape& shape);

struct Input {};

/// Cross-correlation, zero padding.
struct Convolution {
  int units = 0;
  Extent kernel, stride, dilation;
  Padding padding;
  int groups = 1;
  at::Tensor weight;  // (units, C / groups, kernel.y, kernel.x)
  at::Tensor bias;    // (units), or undefined
};

/// Of the flattened input, in (C, H, W) order.
struct InnerProduct {
  int units = 0;
  at::Tensor weight;  // (units, C * H * W)
  at::Tensor bias;    // (units), or undefined
};

/// A window that reaches beyond input and padding (ceiling mode) is cut off there. Maxima never see
/// padding; averages divide by the window's cells inside the padded input (`count_padding`, Caffe)
/// or inside the input alone.
struct Pooling {
  enum class Method { kMax, kAverage };
  Method method = Method::kMax;
  Extent kernel, stride, dilation;
  Padding padding;
  bool ceil = false;  // output size rounded up: Caffe; a last window that would begin in the
                      // trailing padding is left out
  bool count_padding = true;
};

/// Across channels: x / (k + alpha / size * sum of squares over `size` neighbouring channels)^beta.
struct LocalResponseNorm {
  int size = 5;
  float alpha = 1e-4f;
  float beta = 0.75f;
  float k = 1.0f;
};

/// max(x, 0) + slope * min(x, 0); with slopes a value for each channel (PReLU).
struct Relu {
  float slope = 0.0f;
  at::Tensor slopes;  // (C), or undefined
};

/// Along channels.
struct Concatenation {};

/// sum_i coefficients[i] * x_i; all 1 where empty.
struct Sum {
  std::vector<float> coefficients;
};

/// scale * x + shift for each channel: batch normalisation and scale layers, folded into one; where
/// it follows a convolution or inner product, into that (nn/fold.h).
struct Affine {
  at::Tensor scale;  // (C)
  at::Tensor shift;  // (C)
};

/// Over channels.
struct Softmax {};

/// Identity unless training.
struct Dropout {
  float rate = 0.5f;
};

/// To (C * H * W, 1, 1).
struct Flatten {};

/// Mean over all positions.
struct GlobalAveragePooling {};

/// Maximum over all positions.
struct GlobalMaxPooling {};

using LayerKind =
    std::variant<Input, Convolution, InnerProduct, Pooling, LocalResponseNorm, Relu, Concatenation,
                 Sum, Affine, Softmax, Dropout, Flatten, GlobalAveragePooling, GlobalMaxPooling>;

/// "convolution", "max pooling", ...
std::string KindName(const LayerKind& kind);

struct Layer {
  std::string name;
  LayerKind kind;
  std::vector<int> inputs;  // indices of earlier layers
  Shape shape;              // of the output
};

}  // namespace netdissect
