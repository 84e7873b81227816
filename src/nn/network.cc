#include "netdissect/nn/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/leaky_relu.h>

#include "netdissect/base/digest.h"
#include "netdissect/base/error.h"
#include "netdissect/base/text.h"
#include "nn/shape.h"

namespace netdissect {
namespace {

// Calls `visit(tensor)` for each weight of a layer.
template <typename Kind, typename Visit>
void ForEachWeight(Kind& kind, const Visit& visit) {
  std::visit(
      [&](auto& k) {
        using K = std::decay_t<decltype(k)>;
        if constexpr (std::is_same_v<K, Convolution> || std::is_same_v<K, InnerProduct>) {
          visit(k.weight);
          visit(k.bias);
        } else if constexpr (std::is_same_v<K, Relu>) {
          visit(k.slopes);
        } else if constexpr (std::is_same_v<K, Affine>) {
          visit(k.scale);
          visit(k.shift);
        }
      },
      kind);
}

// Everything but the weights that decides what a layer computes.
std::string Describe(const Layer& layer) {
  std::string text = KindName(layer.kind) + ToString(layer.shape);
  for (int input : layer.inputs) text += fmt::format(" <{}", input);
  std::visit(
      [&](const auto& k) {
        using K = std::decay_t<decltype(k)>;
        if constexpr (std::is_same_v<K, Convolution> || std::is_same_v<K, Pooling>) {
          text += fmt::format(" {}x{}/{}x{}/{}x{} {},{},{},{}", k.kernel.y, k.kernel.x, k.stride.y,
                              k.stride.x, k.dilation.y, k.dilation.x, k.padding.top, k.padding.left,
                              k.padding.bottom, k.padding.right);
        }
        if constexpr (std::is_same_v<K, Convolution>) {
          text += fmt::format(" groups {}", k.groups);
        } else if constexpr (std::is_same_v<K, Pooling>) {
          text += fmt::format(" {} {}", k.ceil, k.count_padding);
        } else if constexpr (std::is_same_v<K, LocalResponseNorm>) {
          text += fmt::format(" {} {} {} {}", k.size, k.alpha, k.beta, k.k);
        } else if constexpr (std::is_same_v<K, Relu>) {
          text += fmt::format(" {}", k.slope);
        } else if constexpr (std::is_same_v<K, Sum>) {
          text += fmt::format(" {}", fmt::join(k.coefficients, ","));
        }
      },
      layer.kind);
  return text;
}

bool IsRelu(const Layer& layer) {
  const auto* relu = std::get_if<Relu>(&layer.kind);
  return relu != nullptr && !relu->slopes.defined();
}

// True where nobody else sees the tensor's values, so that they may be overwritten.
bool OwnedAlone(const at::Tensor& tensor) {
  return tensor.use_count() == 1 && tensor.storage().use_count() == 1 && !tensor.requires_grad();
}

}  // namespace

Network::Network(const Shape& input, const std::string& input_name) {
  if (input.units < 1 || input.height < 1 || input.width < 1) {
    Fail("layer {}: expected an input of positive size, found {}", input_name, ToString(input));
  }
  layers_.push_back({input_name, Input{}, {}, input});
  index_of_[input_name] = 0;
}

int Network::Add(const std::string& name, LayerKind kind, const std::vector<int>& inputs) {
  if (name.empty()) Fail("layer {} of {}: expected a name, found none", size(), KindName(kind));
  if (Has(name)) Fail("layer {}: another layer bears this name", name);
  std::vector<Shape> shapes;
  for (int input : inputs) {
    if (input < 0 || input >= size()) {
      Fail("layer {}: expected inputs among the {} layers before it, found {}", name, size(),
           input);
    }
    shapes.push_back(layer(input).shape);
  }
  const Shape shape = InferShape(name, kind, shapes);
  ForEachWeight(kind, [&](at::Tensor& weight) {
    if (weight.defined()) weight = weight.to(device_, at::kFloat).contiguous();
  });
  layers_.push_back({name, std::move(kind), inputs, shape});
  index_of_[name] = size() - 1;
  return size() - 1;
}

void Network::Bind(const std::string& name, int index) {
  if (index < 0 || index >= size()) Fail("layer {}: bound to layer {} of {}", name, index, size());
  index_of_[name] = index;
}

void Network::MarkFolded(const std::string& name, int into) {
  index_of_.erase(name);
  folded_into_[name] = into;
}

int Network::Find(const std::string& name) const {
  if (const auto found = index_of_.find(name); found != index_of_.end()) return found->second;
  if (const auto folded = folded_into_.find(name); folded != folded_into_.end()) {
    Fail("layer {}: its output is folded into that of layer {}: ask for that one", name,
         layer(folded->second).name);
  }
  std::vector<std::string> known, all;
  for (const Layer& layer : layers_) known.push_back(layer.name);
  for (const auto& [other, index] : index_of_) all.push_back(other);
  const std::string closest = Closest(name, all);
  Fail("layer {}: no such layer{}; the layers are: {}", name,
       closest.empty() ? "" : " (did you mean " + closest + "?)", Join(known));
}

std::vector<int> Network::Needed(const std::vector<int>& wanted) const {
  std::vector<bool> needed(layers_.size(), false);
  for (int index : wanted) needed[static_cast<size_t>(index)] = true;
  std::vector<int> order;
  for (int index = size() - 1; index >= 0; --index) {
    if (!needed[static_cast<size_t>(index)]) continue;
    order.push_back(index);
    for (int input : layer(index).inputs) needed[static_cast<size_t>(input)] = true;
  }
  std::reverse(order.begin(), order.end());
  return order;
}

void Network::Forward(const at::Tensor& input, const std::vector<int>& wanted,
                      const OutputVisitor& visit) const {
  const Shape& expected = this->input();
  if (input.dim() != 4 || input.size(1) != expected.units || input.size(2) != expected.height ||
      input.size(3) != expected.width) {
    Fail("layer {}: expected an input of N x {}, found {}", layer(0).name, ToString(expected),
         fmt::join(input.sizes().vec(), " x "));
  }
  const std::vector<int> order = Needed(wanted);
  std::vector<int> users(layers_.size(), 0);  // that still have to be computed
  for (int index : order) {
    for (int source : layer(index).inputs) ++users[static_cast<size_t>(source)];
  }
  std::vector<at::Tensor> outputs(layers_.size());
  for (int index : order) {
    const Layer& current = layer(index);
    std::vector<at::Tensor> inputs;
    for (int source : current.inputs) {
      at::Tensor& output = outputs[static_cast<size_t>(source)];
      inputs.push_back(output);
      if (--users[static_cast<size_t>(source)] == 0) output.reset();
    }
    at::Tensor& output = outputs[static_cast<size_t>(index)];
    if (index == 0) {
      output = input.to(device_);
    } else if (IsRelu(current) && OwnedAlone(inputs[0])) {
      const float slope = std::get<Relu>(current.kind).slope;
      output = slope == 0 ? inputs[0].relu_() : at::leaky_relu_(inputs[0], slope);
    } else {
      output = Evaluate(current, inputs);
    }
    for (size_t which = 0; which < wanted.size(); ++which) {
      if (wanted[which] == index) visit(which, output);
    }
    if (users[static_cast<size_t>(index)] == 0) output.reset();
  }
}

std::vector<at::Tensor> Network::Forward(const at::Tensor& input,
                                         const std::vector<int>& wanted) const {
  std::vector<at::Tensor> results(wanted.size());
  Forward(input, wanted, [&](size_t which, const at::Tensor& output) { results[which] = output; });
  return results;
}

void Network::To(const at::Device& device) {
  device_ = device;
  for (Layer& layer : layers_) {
    ForEachWeight(layer.kind, [&](at::Tensor& weight) {
      if (weight.defined()) weight = weight.to(device);
    });
  }
}

std::string Network::ComputeDigest() const {
  Digest digest;
  for (const Layer& layer : layers_) {
    digest.Add(Describe(layer));
    ForEachWeight(layer.kind, [&](const at::Tensor& weight) {
      if (!weight.defined()) return;
      const at::Tensor bytes = weight.to(at::kCPU).contiguous();
      digest.Add(bytes.data_ptr(), static_cast<size_t>(bytes.nbytes()));
    });
  }
  return digest.Hex();
}

}  // namespace netdissect
