#include "nn/alexnet.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <functional>

#include "base/limits.h"
#include "netdissect/base/error.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/dropout.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/random_weight.h"

namespace netdissect {
namespace {

// Supplies a weight of the shape, by name.
using WeightSource = std::function<at::Tensor(const std::string&, const std::vector<int64_t>&)>;

int Scaled(int units, double width) {
  return std::max(4, 4 * static_cast<int>(std::lround(units * width / 4)));
}

class Builder {
 public:
  Builder(const AlexNetOptions& options, WeightSource source)
      : options_(options), source_(std::move(source)), network_({3, options.size, options.size}) {}

  Network Build() {
    Convolve(1, 96, 11, 4, 0, 1);
    Pool(1);
    Normalize(1);
    Convolve(2, 256, 5, 1, 2, 2);
    Pool(2);
    Normalize(2);
    Convolve(3, 384, 3, 1, 1, 1);
    Convolve(4, 384, 3, 1, 1, 2);
    Convolve(5, 256, 3, 1, 1, 2);
    Pool(5);
    const int connected = options_.fc > 0 ? options_.fc : Scaled(4096, options_.width);
    Connect(6, connected, true);
    Connect(7, connected, true);
    Connect(8, options_.classes, false);
    Append("prob", Softmax{});
    network_.SetOutputs({"prob"});
    return std::move(network_);
  }

 private:
  void Append(const std::string& name, AnyKind kind) {
    network_.Add(name, std::move(kind), {network_.size() - 1});
  }

  // In place, as the Caffe model has it: the layer's name means its rectified output.
  void Rectify(const std::string& layer, int number) {
    Append(fmt::format("relu{}", number), Relu{});
    network_.Bind(layer, network_.size() - 1);
  }

  void Convolve(int number, int units, int kernel, int stride, int padding, int groups) {
    const std::string name = fmt::format("conv{}", number);
    const int channels = network_.layers().back().shape.units;
    Convolution c;
    c.units = Scaled(units, options_.width);
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    c.padding = {padding, padding, padding, padding};
    c.groups = groups;
    c.weight = source_(name + ".weight", {c.units, channels / groups, kernel, kernel});
    c.bias = source_(name + ".bias", {c.units});
    Append(name, c);
    Rectify(name, number);
  }

  void Pool(int number) {
    Pooling p;
    p.kernel = {3, 3};
    p.stride = {2, 2};
    p.ceil = true;
    Append(fmt::format("pool{}", number), p);
  }

  void Normalize(int number) {
    if (options_.norm) Append(fmt::format("norm{}", number), LocalResponseNorm{});
  }

  void Connect(int number, int units, bool rectified) {
    const std::string name = fmt::format("fc{}", number);
    const Shape& below = network_.layers().back().shape;
    InnerProduct p;
    p.units = units;
    p.weight =
        source_(name + ".weight", {units, int64_t{below.units} * below.height * below.width});
    p.bias = source_(name + ".bias", {units});
    Append(name, p);
    if (!rectified) return;
    Rectify(name, number);
    Append(fmt::format("drop{}", number), Dropout{});
    network_.Bind(name, network_.size() - 1);
  }

  const AlexNetOptions& options_;
  WeightSource source_;
  Network network_;
};

void Validate(const AlexNetOptions& options) {
  if (!(options.width > 0 && options.width <= 4)) {
    Fail("alexnet: expected a width in (0, 4], found {}", options.width);
  }
  if (options.fc < 0 || options.fc > kMostUnits) {
    Fail("alexnet: expected 0 to {} fc units, found {}", kMostUnits, options.fc);
  }
  if (options.classes < 1 || options.classes > kMostUnits) {
    Fail("alexnet: expected 1 to {} classes, found {}", kMostUnits, options.classes);
  }
}

}  // namespace

Network BuildAlexNet(const AlexNetOptions& options) {
  Validate(options);
  uint64_t tensor = 0;
  return Builder(options,
                 [&](const std::string&, const std::vector<int64_t>& shape) {
                   ++tensor;
                   const bool bias = shape.size() == 1;
                   return bias ? at::zeros(shape) : RandomWeight(shape, options.seed, tensor);
                 })
      .Build();
}

Network LoadAlexNet(const AlexNetOptions& options, const SafeTensors& tensors, const Path& file) {
  Validate(options);
  size_t used = 0;
  Network network =
      Builder(options, [&](const std::string& name, const std::vector<int64_t>& shape) {
        const auto found = tensors.tensors.find(name);
        if (found == tensors.tensors.end()) {
          Fail("{}: expected a tensor {} of shape {}, found none", file.string(), name,
               fmt::join(shape, " x "));
        }
        if (found->second.sizes() != at::IntArrayRef(shape)) {
          Fail("{}: tensor {}: expected shape {}, found {}", file.string(), name,
               fmt::join(shape, " x "), fmt::join(found->second.sizes().vec(), " x "));
        }
        ++used;
        return found->second;
      }).Build();
  if (used != tensors.tensors.size()) {
    for (const auto& [name, tensor] : tensors.tensors) {
      const std::string layer = name.substr(0, name.rfind('.'));
      if (!network.Has(layer)) {
        Fail("{}: tensor {}: expected only alexnet's layers, found another", file.string(), name);
      }
    }
    Fail("{}: expected {} tensors, found {}", file.string(), used, tensors.tensors.size());
  }
  return network;
}

}  // namespace netdissect
