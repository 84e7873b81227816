#include "netdissect/nn/layer.h"

#include <spdlog/fmt/fmt.h>

namespace netdissect {
namespace {

struct Namer {
  std::string operator()(const Input&) const { return "input"; }
  std::string operator()(const Convolution&) const { return "convolution"; }
  std::string operator()(const InnerProduct&) const { return "inner product"; }
  std::string operator()(const Pooling& pooling) const {
    return pooling.method == Pooling::Method::kMax ? "max pooling" : "average pooling";
  }
  std::string operator()(const LocalResponseNorm&) const { return "local response normalisation"; }
  std::string operator()(const Relu&) const { return "relu"; }
  std::string operator()(const Concatenation&) const { return "concatenation"; }
  std::string operator()(const Sum&) const { return "sum"; }
  std::string operator()(const Affine&) const { return "scale and shift"; }
  std::string operator()(const Softmax&) const { return "softmax"; }
  std::string operator()(const Dropout&) const { return "dropout"; }
  std::string operator()(const Flatten&) const { return "flatten"; }
  std::string operator()(const GlobalAveragePooling&) const { return "global average pooling"; }
  std::string operator()(const GlobalMaxPooling&) const { return "global max pooling"; }
};

}  // namespace

bool operator==(const Shape& a, const Shape& b) {
  return a.units == b.units && a.height == b.height && a.width == b.width;
}

std::string ToString(const Shape& shape) {
  return fmt::format("{} x {} x {}", shape.units, shape.height, shape.width);
}

std::string KindName(const LayerKind& kind) { return std::visit(Namer{}, kind); }

}  // namespace netdissect
