#include "nn/caffe_layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/limits.h"
#include "netdissect/base/error.h"
#include "nn/import/not_supported.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/extremum.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/product.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {
namespace {

using caffe::LayerParameter;
using Numbers = google::protobuf::RepeatedField<uint32_t>;

class Converter {
 public:
  Converter(const Path& file, const LayerParameter& layer, const CaffeBottom& bottom,
            const CaffeWeights& weights)
      : file_(file), layer_(layer), bottom_(bottom), in_(bottom.shape), weights_(weights) {}

  std::optional<AnyKind> Convert() const {
    const std::string& type = layer_.type();
    const bool takes_many = type == "Concat" || type == "Eltwise";
    if (layer_.bottom_size() < 1 || (layer_.bottom_size() > 1 && !takes_many)) {
      Complain(fmt::format("expected {} bottom, found {}", takes_many ? "at least one" : "one",
                           layer_.bottom_size()));
    }
    if (layer_.top_size() < 1 || (layer_.top_size() > 1 && type != "Split" && type != "Slice")) {
      Complain(fmt::format("expected one top, found {}", layer_.top_size()));
    }
    using Function = Pointwise::Function;
    if (type == "AbsVal") return Pointwise(Function::kAbs);
    if (type == "BatchNorm") return FromBatchNorm();
    if (type == "Bias") return FromBias();
    if (type == "Clip") return FromClip();
    if (type == "Concat") return FromConcat();
    if (type == "Convolution") return FromConvolution();
    if (type == "Deconvolution") return FromDeconvolution();
    if (type == "Dropout") return FromDropout();
    if (type == "ELU")
      return Pointwise(Function::kElu, Finite("alpha", layer_.elu_param().alpha()));
    if (type == "Exp") return FromExp(layer_.exp_param(), Function::kExp);
    if (type == "Eltwise") return FromEltwise();
    if (type == "Flatten") return FromFlatten();
    if (type == "InnerProduct") return FromInnerProduct();
    if (type == "LRN") return FromLrn();
    if (type == "Log") return FromExp(layer_.log_param(), Function::kLog);
    if (type == "PReLU") return FromPRelu();
    if (type == "Pooling") return FromPooling();
    if (type == "Power") return FromPower();
    if (type == "ReLU") return FromRelu();
    if (type == "Reshape") return FromReshape();
    if (type == "Scale") return FromScale();
    if (type == "Sigmoid") return Pointwise(Function::kSigmoid);
    if (type == "Softmax") return FromSoftmax();
    if (type == "Swish") return FromSwish();
    if (type == "TanH") return Pointwise(Function::kTanh);
    return std::nullopt;  // Split
  }

 private:
  [[noreturn]] void Complain(const std::string& what) const { FailLayer(file_, layer_, what); }
  // What the file says rightly, and no kind of layer computes.
  [[noreturn]] static void Refuse(const std::string& what) { FailUnsupported("{}", what); }

  int Within(const char* attribute, uint32_t value, uint32_t least, uint32_t most) const {
    if (value < least || value > most) {
      Complain(fmt::format("{}: expected {} to {}, found {}", attribute, least, most, value));
    }
    return static_cast<int>(value);
  }

  float Finite(const char* attribute, float value) const {
    if (!std::isfinite(value))
      Complain(fmt::format("{}: expected a finite number, found {}", attribute, value));
    return value;
  }

  // Channels are axis 1, or counted from the end.
  void RequireChannelAxis(int axis) const {
    const int axes = bottom_.flat ? 2 : 4;
    if (axis != 1 && axis != 1 - axes) {
      Refuse(fmt::format("attribute axis: only 1, the channels, is supported, found {}", axis));
    }
  }

  // One number for both axes or one for each, or the form with _h and _w.
  Extent Pair(const char* attribute, const Numbers& numbers, bool has_h, uint32_t h, bool has_w,
              uint32_t w, uint32_t least, std::optional<uint32_t> otherwise) const {
    if (has_h || has_w) {
      if (!numbers.empty()) {
        Complain(fmt::format("{}: expected one number or the form with _h and _w, found both",
                             attribute));
      }
      if (!otherwise && !(has_h && has_w)) {
        Complain(fmt::format("{}: expected both _h and _w, found one of them", attribute));
      }
      return {Within(attribute, has_h ? h : *otherwise, least, kLongestSide),
              Within(attribute, has_w ? w : *otherwise, least, kLongestSide)};
    }
    if (numbers.size() > 2) {
      Complain(fmt::format("{}: expected one or two numbers, found {}", attribute, numbers.size()));
    }
    if (numbers.empty() && !otherwise) {
      Complain(fmt::format("{}: expected one or two numbers, found none", attribute));
    }
    const uint32_t y = numbers.empty() ? *otherwise : numbers.Get(0);
    const uint32_t x = numbers.size() < 2 ? y : numbers.Get(1);
    return {Within(attribute, y, least, kLongestSide), Within(attribute, x, least, kLongestSide)};
  }

  template <typename Parameter>
  void ReadKernel(const Parameter& p, const char* kernel_name, Extent& kernel, Extent& stride,
                  Padding& padding) const {
    kernel = Pair(kernel_name, p.kernel_size(), p.has_kernel_h(), p.kernel_h(), p.has_kernel_w(),
                  p.kernel_w(), 1, std::nullopt);
    stride = Pair("stride", p.stride(), p.has_stride_h(), p.stride_h(), p.has_stride_w(),
                  p.stride_w(), 1, 1);
    const Extent pad =
        Pair("pad", p.pad(), p.has_pad_h(), p.pad_h(), p.has_pad_w(), p.pad_w(), 0, 0);
    padding = {pad.y, pad.x, pad.y, pad.x};
  }

  at::Tensor Blob(int index, const std::vector<int64_t>& shape) const {
    return weights_.Blob(layer_.name(), index, shape);
  }

  // Of a convolution or a transposed one, without its weights.
  template <typename Kind>
  Kind WithGeometry(const caffe::ConvolutionParameter& p) const {
    RequireChannelAxis(p.axis());
    Kind kind;
    kind.units = Within("num_output", p.num_output(), 1, kMostUnits);
    kind.groups = Within("group", p.group(), 1, kMostUnits);
    ReadKernel(p, "kernel_size", kind.kernel, kind.stride, kind.padding);
    kind.dilation = Pair("dilation", p.dilation(), false, 0, false, 0, 1, 1);
    if (in_.units % kind.groups != 0 || kind.units % kind.groups != 0) {
      Complain(fmt::format("group: expected a divisor of {} inputs and {} outputs, found {}",
                           in_.units, kind.units, kind.groups));
    }
    weights_.ExpectBlobs(layer_.name(), p.bias_term() ? 2 : 1);
    return kind;
  }

  AnyKind FromConvolution() const {
    const caffe::ConvolutionParameter& p = layer_.convolution_param();
    auto c = WithGeometry<Convolution>(p);
    c.weight = Blob(0, {c.units, in_.units / c.groups, c.kernel.y, c.kernel.x});
    if (p.bias_term()) c.bias = Blob(1, {c.units});
    return c;
  }

  AnyKind FromInnerProduct() const {
    const caffe::InnerProductParameter& p = layer_.inner_product_param();
    RequireChannelAxis(p.axis());
    InnerProduct product;
    product.units = Within("num_output", p.num_output(), 1, kMostUnits);
    const int64_t inputs = int64_t{in_.units} * in_.height * in_.width;
    weights_.ExpectBlobs(layer_.name(), p.bias_term() ? 2 : 1);
    product.weight = p.transpose() ? Blob(0, {inputs, product.units}).t().contiguous()
                                   : Blob(0, {product.units, inputs});
    if (p.bias_term()) product.bias = Blob(1, {product.units});
    return product;
  }

  AnyKind FromPooling() const {
    const caffe::PoolingParameter& p = layer_.pooling_param();
    if (p.pool() == caffe::PoolingParameter::STOCHASTIC) {
      Refuse("attribute pool: STOCHASTIC is not supported, only MAX and AVE");
    }
    const bool max = p.pool() == caffe::PoolingParameter::MAX;
    Pooling pooling;
    if (p.global_pooling()) {
      if (p.kernel_size_size() != 0 || p.has_kernel_h() || p.has_kernel_w()) {
        Complain("global_pooling: expected no kernel_size beside it");
      }
      const Extent pad =
          Pair("pad", p.pad(), p.has_pad_h(), p.pad_h(), p.has_pad_w(), p.pad_w(), 0, 0);
      if (pad.y != 0 || pad.x != 0) Complain("global_pooling: expected pad 0 beside it");
      if (max) return GlobalMaxPooling{};
      return GlobalAveragePooling{};
    }
    ReadKernel(p, "kernel_size", pooling.kernel, pooling.stride, pooling.padding);
    pooling.method = max ? Pooling::Method::kMax : Pooling::Method::kAverage;
    if (p.has_round_mode() && p.has_ceil_mode()) {
      Complain("expected round_mode or ceil_mode, found both");
    }
    pooling.ceil =
        p.has_ceil_mode() ? p.ceil_mode() : p.round_mode() == caffe::PoolingParameter::CEIL;
    pooling.count_padding = true;
    return pooling;
  }

  AnyKind FromLrn() const {
    const caffe::LRNParameter& p = layer_.lrn_param();
    if (p.norm_region() != caffe::LRNParameter::ACROSS_CHANNELS) {
      Refuse("attribute norm_region: WITHIN_CHANNEL is not supported, only ACROSS_CHANNELS");
    }
    LocalResponseNorm norm;
    norm.size = Within("local_size", p.local_size(), 1, kLongestSide);
    if (norm.size % 2 == 0) {
      Refuse(fmt::format("local_size: expected an odd number, found {}", norm.size));
    }
    norm.alpha = Finite("alpha", p.alpha());
    norm.beta = Finite("beta", p.beta());
    norm.k = Finite("k", p.k());
    return norm;
  }

  AnyKind FromRelu() const {
    Relu relu;
    relu.slope = Finite("negative_slope", layer_.relu_param().negative_slope());
    return relu;
  }

  AnyKind FromPRelu() const {
    const bool shared = layer_.prelu_param().channel_shared();
    weights_.ExpectBlobs(layer_.name(), 1);
    Relu relu;
    if (shared) {
      relu.slope = Blob(0, {1}).item<float>();
    } else {
      relu.slopes = Blob(0, {in_.units});
    }
    return relu;
  }

  // Statistics are stored as sums; the third blob divides them.
  AnyKind FromBatchNorm() const {
    const caffe::BatchNormParameter& p = layer_.batch_norm_param();
    if (p.has_use_global_stats() && !p.use_global_stats()) {
      Refuse("attribute use_global_stats: false, the statistics of each batch, is not supported");
    }
    weights_.ExpectBlobs(layer_.name(), 3);
    const double divisor = Blob(2, {1}).item<float>();
    const double factor = divisor == 0 ? 0 : 1 / divisor;
    const at::Tensor mean = Blob(0, {in_.units}).to(at::kDouble) * factor;
    const at::Tensor variance = Blob(1, {in_.units}).to(at::kDouble) * factor;
    const at::Tensor scale = (variance + static_cast<double>(Finite("eps", p.eps()))).rsqrt();
    if (!at::isfinite(scale).all().item<bool>()) {
      Complain("expected variances of which eps makes positive numbers, found others");
    }
    return Affine{scale.to(at::kFloat), (-mean * scale).to(at::kFloat)};
  }

  template <typename Parameter>
  void RequirePerChannel(const Parameter& p) const {
    RequireChannelAxis(p.axis());
    const bool all_axes = p.num_axes() == -1 && in_.height == 1 && in_.width == 1;
    if (p.num_axes() != 1 && !all_axes) {
      Refuse(
          fmt::format("attribute num_axes: only 1, a number for each channel, is supported, "
                      "found {}",
                      p.num_axes()));
    }
  }

  AnyKind FromScale() const {
    const caffe::ScaleParameter& p = layer_.scale_param();
    RequirePerChannel(p);
    weights_.ExpectBlobs(layer_.name(), p.bias_term() ? 2 : 1);
    const at::Tensor scale = Blob(0, {in_.units});
    return Affine{scale, p.bias_term() ? Blob(1, {in_.units}) : at::zeros_like(scale)};
  }

  AnyKind FromBias() const {
    RequirePerChannel(layer_.bias_param());
    weights_.ExpectBlobs(layer_.name(), 1);
    const at::Tensor shift = Blob(0, {in_.units});
    return Affine{at::ones_like(shift), shift};
  }

  AnyKind FromDeconvolution() const {
    const caffe::ConvolutionParameter& p = layer_.convolution_param();
    auto c = WithGeometry<TransposedConvolution>(p);
    c.weight = Blob(0, {in_.units, c.units / c.groups, c.kernel.y, c.kernel.x});
    if (p.bias_term()) c.bias = Blob(1, {c.units});
    return c;
  }

  AnyKind FromClip() const {
    const caffe::ClipParameter& p = layer_.clip_param();
    if (!p.has_min() || !p.has_max()) Complain("clip_param: expected min and max");
    return Pointwise(Pointwise::Function::kClip, Finite("min", p.min()), Finite("max", p.max()));
  }

  // The same for all channels: scale * x + shift.
  AnyKind Affinely(float scale, float shift) const {
    return Affine{at::full({in_.units}, scale), at::full({in_.units}, shift)};
  }

  AnyKind FromPower() const {
    const caffe::PowerParameter& p = layer_.power_param();
    const float power = Finite("power", p.power());
    if (power == 1) return Affinely(Finite("scale", p.scale()), Finite("shift", p.shift()));
    if (p.scale() != 1 || p.shift() != 0) {
      Refuse("attribute power: a power beside scale and shift is not supported");
    }
    return Pointwise(Pointwise::Function::kPower, power);
  }

  AnyKind FromExp(const caffe::ExpParameter& p, Pointwise::Function function) const {
    if (p.base() != -1 || p.scale() != 1 || p.shift() != 0) {
      Refuse("attributes base, scale, shift: only -1, 1, 0 are supported");
    }
    return Pointwise(function);
  }

  AnyKind FromSwish() const {
    if (layer_.swish_param().beta() != 1) Refuse("attribute beta: only 1 is supported");
    return Pointwise(Pointwise::Function::kSwish);
  }

  AnyKind FromEltwise() const {
    const caffe::EltwiseParameter& p = layer_.eltwise_param();
    if (p.operation() == caffe::EltwiseParameter::PROD) return Product{};
    if (p.operation() == caffe::EltwiseParameter::MAX) return Extremum{};
    Sum sum;
    for (const float coefficient : p.coeff())
      sum.coefficients.push_back(Finite("coeff", coefficient));
    if (p.coeff_size() != 0 && p.coeff_size() != layer_.bottom_size()) {
      Complain(fmt::format("coeff: expected one for each of {} bottoms, found {}",
                           layer_.bottom_size(), p.coeff_size()));
    }
    return sum;
  }

  AnyKind FromConcat() const {
    const caffe::ConcatParameter& p = layer_.concat_param();
    if (p.has_axis() && p.has_concat_dim()) Complain("expected axis or concat_dim, found both");
    if (p.concat_dim() != 1) {
      Refuse(fmt::format("attribute concat_dim: only 1, the channels, is supported, found {}",
                         p.concat_dim()));
    }
    RequireChannelAxis(p.axis());
    return Concatenation{};
  }

  AnyKind FromSoftmax() const {
    RequireChannelAxis(layer_.softmax_param().axis());
    return Softmax{};
  }

  AnyKind FromDropout() const {
    Dropout dropout;
    dropout.rate = Finite("dropout_ratio", layer_.dropout_param().dropout_ratio());
    return dropout;
  }

  AnyKind FromFlatten() const {
    const caffe::FlattenParameter& p = layer_.flatten_param();
    RequireChannelAxis(p.axis());
    if (p.end_axis() != -1 && p.end_axis() != (bottom_.flat ? 1 : 3)) {
      Refuse(fmt::format("attribute end_axis: only -1, the last, is supported, found {}",
                         p.end_axis()));
    }
    return Flatten{};
  }

  // Only what flattens, or changes nothing: 0 copies the input's dimension, -1 takes what is left.
  std::optional<AnyKind> FromReshape() const {
    const caffe::ReshapeParameter& p = layer_.reshape_param();
    const std::vector<int64_t> from = {in_.units, in_.height, in_.width};
    const int64_t inputs = from[0] * from[1] * from[2];
    std::vector<int64_t> to(p.shape().dim().begin(), p.shape().dim().end());
    if (p.axis() == 0 && p.num_axes() == -1 && to.size() >= 2 && to.size() <= 4 && to[0] == 0) {
      to.erase(to.begin());
      for (size_t i = 0; i < to.size(); ++i) {
        if (to[i] == 0) to[i] = from[i];
      }
      const int64_t rest = std::accumulate(to.begin(), to.end(), int64_t{1}, [&](auto a, auto b) {
        return b < 1 || a > inputs || b > inputs ? a : a * b;
      });
      for (int64_t& dim : to) {
        if (dim == -1) dim = inputs / std::max<int64_t>(rest, 1);
      }
      if (to == from && !bottom_.flat) return std::nullopt;
      const bool flattens = to[0] == inputs && std::all_of(to.begin() + 1, to.end(),
                                                           [](int64_t dim) { return dim == 1; });
      if (flattens) return Flatten{};
    }
    Refuse("attribute shape: only what flattens, such as (0, -1), or changes nothing is supported");
  }

  const Path& file_;
  const LayerParameter& layer_;
  const CaffeBottom& bottom_;
  const Shape& in_;
  const CaffeWeights& weights_;
};

}  // namespace

std::optional<AnyKind> ConvertCaffeLayer(const Path& prototxt, const LayerParameter& layer,
                                         const CaffeBottom& bottom, const CaffeWeights& weights) {
  return Converter(prototxt, layer, bottom, weights).Convert();
}

}  // namespace netdissect
