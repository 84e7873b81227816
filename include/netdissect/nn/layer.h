#pragma once
// A layer of a Network. Tensors are (N, C, H, W); the channels of a layer's output are its units;
// what is fully connected has H = W = 1. `y` is the vertical axis.

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

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

/// What a layer computes; each kind is a class of its own (src/nn/kinds).
class LayerKind;
class ParameterVisitor;

/// A kind of layer with its parameters and weights, as a value. Copies share it: it never changes.
class AnyKind {
 public:
  template <typename Kind, typename = std::enable_if_t<std::is_base_of_v<LayerKind, Kind>>>
  AnyKind(Kind kind)  // a convolution is a kind, and converts to one
      : kind_(std::make_shared<const Kind>(std::move(kind))), copy_(&CopyOf<Kind>) {}

  const LayerKind* operator->() const { return kind_.get(); }
  const LayerKind& operator*() const { return *kind_; }

  /// Nothing where it is of another kind.
  template <typename Kind>
  const Kind* As() const {
    return dynamic_cast<const Kind*>(kind_.get());
  }
  template <typename Kind>
  bool Is() const {
    return As<Kind>() != nullptr;
  }

  /// What `visitor` makes of a copy.
  AnyKind Visited(ParameterVisitor& visitor) const;

 private:
  using Copy = std::shared_ptr<LayerKind> (*)(const LayerKind&);
  AnyKind(std::shared_ptr<const LayerKind> kind, Copy copy) : kind_(std::move(kind)), copy_(copy) {}

  template <typename Kind>
  static std::shared_ptr<LayerKind> CopyOf(const LayerKind& kind) {
    return std::make_shared<Kind>(static_cast<const Kind&>(kind));
  }

  std::shared_ptr<const LayerKind> kind_;
  Copy copy_;
};

/// "convolution", "max pooling", ...
std::string KindName(const AnyKind& kind);

/// Calls `visit(name, weight)` for each weight that the kind has: "weight", "bias", ...
void ForEachWeight(
    const AnyKind& kind,
    const std::function<void(const std::string& name, const at::Tensor& weight)>& visit);

/// The same kind with each of its weights replaced.
AnyKind MapWeights(
    const AnyKind& kind,
    const std::function<at::Tensor(const std::string& name, const at::Tensor& weight)>& map);

struct Layer {
  std::string name;
  AnyKind kind;
  std::vector<int> inputs;  // indices of earlier layers
  Shape shape;              // of the output
};

}  // namespace netdissect
