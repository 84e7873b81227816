#include "nn/fold.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "nn/kinds/affine.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {
namespace {

// W' = scale * W, for weights whose first dimension is the unit.
template <typename Weighted>
at::Tensor ScaledWeight(const Weighted& weighted, const at::Tensor& scale) {
  std::vector<int64_t> column(static_cast<size_t>(weighted.weight.dim()), 1);
  column[0] = -1;
  return weighted.weight * scale.view(column);
}

// Of a transposed convolution the second dimension is the unit, within its group.
at::Tensor ScaledWeight(const TransposedConvolution& c, const at::Tensor& scale) {
  const at::Tensor grouped =
      c.weight.view({c.groups, -1, c.units / c.groups, int64_t{c.kernel.y} * c.kernel.x});
  return (grouped * scale.view({c.groups, 1, -1, 1})).view(c.weight.sizes());
}

// W' = scale * W, b' = scale * b + shift.
template <typename Weighted>
Weighted Folded(Weighted weighted, const Affine& affine) {
  weighted.weight = ScaledWeight(weighted, affine.scale);
  weighted.bias =
      weighted.bias.defined() ? weighted.bias * affine.scale + affine.shift : affine.shift.clone();
  return weighted;
}

AnyKind Folded(const AnyKind& kind, const Affine& affine) {
  if (const auto* product = kind.As<InnerProduct>()) return Folded(*product, affine);
  if (const auto* transposed = kind.As<TransposedConvolution>()) {
    return Folded(*transposed, affine);
  }
  return Folded(*kind.As<Convolution>(), affine);
}

bool Foldable(const Layer& layer) {
  return layer.kind.Is<Convolution>() || layer.kind.Is<InnerProduct>() ||
         layer.kind.Is<TransposedConvolution>();
}

// Index of the layer that layer `i` disappears into: for a chain of Affine layers above a weighted
// layer, each alone in using the one below, the last of the chain.
std::vector<int> FoldTargets(const Network& network) {
  std::vector<int> users(static_cast<size_t>(network.size()), 0);
  for (const Layer& layer : network.layers()) {
    for (int input : layer.inputs) ++users[static_cast<size_t>(input)];
  }
  for (const std::string& name : network.outputs()) {
    ++users[static_cast<size_t>(network.Find(name))];
  }
  std::vector<int> target(static_cast<size_t>(network.size()));
  std::vector<bool> chained(static_cast<size_t>(network.size()), false);
  for (int i = 0; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    target[static_cast<size_t>(i)] = i;
    chained[static_cast<size_t>(i)] = Foldable(layer);
    if (!layer.kind.Is<Affine>()) continue;
    const auto below = static_cast<size_t>(layer.inputs[0]);
    if (!chained[below] || users[below] != 1) continue;
    chained[static_cast<size_t>(i)] = true;
    for (int& t : target) {
      if (t == static_cast<int>(below)) t = i;
    }
  }
  return target;
}

}  // namespace

Network FoldAffine(const Network& network) {
  const std::vector<int> target = FoldTargets(network);
  const auto survives = [&](int i) { return target[static_cast<size_t>(i)] == i; };
  Network folded(network.input(), network.layer(0).name);
  std::vector<int> moved(static_cast<size_t>(network.size()), 0);  // old index -> new index
  std::vector<AnyKind> pending;                                    // kinds with what was folded
  for (const Layer& layer : network.layers()) pending.push_back(layer.kind);
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    AnyKind kind = layer.kind;
    std::vector<int> inputs = layer.inputs;
    std::string name = layer.name;
    // An Affine at the end of a chain becomes the chain's weighted layer.
    if (const auto* affine = layer.kind.As<Affine>()) {
      const int below = inputs[0];
      if (target[static_cast<size_t>(below)] == target[static_cast<size_t>(i)]) {
        kind = Folded(pending[static_cast<size_t>(below)], *affine);
        int root = below;
        while (network.layer(root).kind.Is<Affine>()) {
          root = network.layer(root).inputs[0];
        }
        inputs = network.layer(root).inputs;
        // The weighted layer's own name stays in tables where it means something later in the graph
        // (in-place normalisation); else it would name an output that no longer exists.
        const std::string& own = network.layer(root).name;
        if (network.Has(own) && survives(network.Find(own))) name = own;
      }
    }
    pending[static_cast<size_t>(i)] = kind;
    if (!survives(i)) continue;  // goes into a later layer
    for (int& input : inputs) input = moved[static_cast<size_t>(input)];
    moved[static_cast<size_t>(i)] = folded.Add(name, std::move(kind), inputs);
  }
  for (const auto& [name, index] : network.names()) {
    const int final_index = target[static_cast<size_t>(index)];
    if (final_index == index) {
      folded.Bind(name, moved[static_cast<size_t>(index)]);
    } else {
      folded.MarkFolded(name, moved[static_cast<size_t>(final_index)]);
    }
  }
  folded.SetOutputs(network.outputs());
  return folded;
}

}  // namespace netdissect
