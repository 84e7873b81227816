#pragma once
// Networks of the architectures of today with random weights: what they cost does not depend on
// these.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <string>

#include "netdissect/base/error.h"
#include "netdissect/nn/network.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/channel_norm.h"
#include "nn/kinds/concatenation.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/product.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"

namespace netdissect {

class ArchitectureBuilder {
 public:
  Network network{{3, 224, 224}};
  int last = 0;

  int Add(AnyKind kind, const std::vector<int>& inputs) {
    last = network.Add("l" + std::to_string(network.size()), std::move(kind), inputs);
    return last;
  }
  int Convolve(int units, int kernel, int stride = 1, int groups = 1) {
    Convolution c;
    c.units = units;
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    const int pad = kernel % 2 == 0 ? 0 : kernel / 2;
    c.padding = {pad, pad, pad, pad};
    c.groups = groups;
    const int channels = network.layer(last).shape.units / groups;
    c.weight = at::randn({units, channels, kernel, kernel}) *
               std::sqrt(2.0 / (channels * kernel * kernel));
    c.bias = at::randn({units}) * 0.1;
    return Add(c, {last});
  }
  int Function(Pointwise::Function function, float a = 0, float b = 0) {
    return Add(Pointwise(function, a, b), {last});
  }
  int Rectify() { return Add(Relu{}, {last}); }

  // `act` is called after each convolution but the last.
  template <typename Act>
  void InvertedResidual(int hidden, int units, int kernel, int stride, int squeeze,
                        const Act& act) {
    const int from = last;
    const int inputs = network.layer(from).shape.units;
    if (hidden != inputs) {
      Convolve(hidden, 1);
      act();
    }
    Convolve(hidden, kernel, stride, hidden);
    act();
    if (squeeze > 0) {
      const int map = last;
      Add(GlobalAveragePooling{}, {map});
      Convolve(squeeze, 1);
      Rectify();
      Convolve(hidden, 1);
      const int gate = Function(Pointwise::Function::kHardSigmoid, 1.0f / 6, 0.5f);
      Add(Product{}, {map, gate});
    }
    Convolve(units, 1);
    if (stride == 1 && inputs == units) Add(Sum{}, {from, last});
  }
  void Bind(const std::string& name) { network.Bind(name, last); }
};

// Named outputs: "stage1", "stage2", ...
inline Network BuildArchitecture(const std::string& name) {
  at::manual_seed(1);
  ArchitectureBuilder b;
  int stage = 0;
  const auto end_stage = [&] { b.Bind("stage" + std::to_string(++stage)); };
  if (name == "mnasnet" || name == "mobilenet_v3" || name == "efficientnet") {
    const bool mnas = name == "mnasnet", v3 = name == "mobilenet_v3";
    const auto act = [&] {
      if (mnas) {
        b.Rectify();
      } else {
        b.Function(v3 ? Pointwise::Function::kHardSwish : Pointwise::Function::kSwish);
      }
    };
    b.Convolve(v3 ? 16 : 32, 3, 2);
    act();
    b.InvertedResidual(v3 ? 16 : 32, 16, 3, 1, 0, act);
    end_stage();
    struct Block {
      int expansion, units, count, stride, kernel;
    };
    const Block blocks[] = {{3, 24, 3, 2, 3}, {3, 40, 3, 2, 5},  {6, 80, 3, 2, 5},
                            {6, 96, 2, 1, 3}, {6, 192, 4, 2, 5}, {6, 320, 1, 1, 3}};
    for (const Block& block : blocks) {
      for (int i = 0; i < block.count; ++i) {
        const int hidden = b.network.layer(b.last).shape.units * block.expansion;
        b.InvertedResidual(hidden, block.units, block.kernel, i == 0 ? block.stride : 1,
                           mnas || (v3 && block.kernel == 3) ? 0 : hidden / 4, act);
      }
      end_stage();
    }
    b.Convolve(1280, 1);
    act();
    end_stage();
    return b.network;
  }
  if (name == "resnet50") {
    b.Convolve(64, 7, 2);
    b.Rectify();
    Pooling pool;
    pool.kernel = {3, 3};
    pool.stride = {2, 2};
    pool.padding = {1, 1, 1, 1};
    b.Add(pool, {b.last});
    end_stage();
    const int counts[] = {3, 4, 6, 3};
    for (int s = 0; s < 4; ++s) {
      const int width = 64 << s;
      for (int i = 0; i < counts[s]; ++i) {
        const int from = b.last, stride = s > 0 && i == 0 ? 2 : 1;
        b.Convolve(width, 1);
        b.Rectify();
        b.Convolve(width, 3, stride);
        b.Rectify();
        const int main = b.Convolve(4 * width, 1);
        int other = from;
        if (i == 0) {
          b.last = from;
          other = b.Convolve(4 * width, 1, stride);
        }
        b.Add(Sum{}, {main, other});
        b.Rectify();
      }
      end_stage();
    }
    return b.network;
  }
  if (name == "convnext") {
    b.Convolve(96, 4, 4);
    const auto norm = [&] {
      const int units = b.network.layer(b.last).shape.units;
      ChannelNorm n;
      n.scale = at::ones({units});
      n.shift = at::zeros({units});
      b.Add(n, {b.last});
    };
    norm();
    end_stage();
    const int counts[] = {3, 3, 9, 3};
    for (int s = 0; s < 4; ++s) {
      const int width = 96 << s;
      if (s > 0) {
        norm();
        b.Convolve(width, 2, 2);
      }
      for (int i = 0; i < counts[s]; ++i) {
        const int from = b.last;
        b.Convolve(width, 7, 1, width);
        norm();
        b.Convolve(4 * width, 1);
        b.Function(Pointwise::Function::kGelu);
        b.Convolve(width, 1);
        Affine scale(at::ones({width}) * 0.5, at::zeros({width}));
        b.Add(scale, {b.last});
        b.Add(Sum{}, {from, b.last});
      }
      end_stage();
    }
    return b.network;
  }
  if (name == "densenet") {  // the first blocks of DenseNet-121
    b.Convolve(64, 7, 2);
    b.Rectify();
    Pooling pool;
    pool.kernel = {3, 3};
    pool.stride = {2, 2};
    pool.padding = {1, 1, 1, 1};
    b.Add(pool, {b.last});
    end_stage();
    const int counts[] = {6, 12, 24};
    for (int s = 0; s < 3; ++s) {
      for (int i = 0; i < counts[s]; ++i) {
        const int from = b.last, units = b.network.layer(from).shape.units;
        b.Add(Affine(at::ones({units}), at::zeros({units})), {from});
        b.Rectify();
        b.Convolve(128, 1);
        b.Rectify();
        b.Convolve(32, 3);
        b.Add(Concatenation{}, {from, b.last});
      }
      b.Convolve(b.network.layer(b.last).shape.units / 2, 1);
      Pooling half;
      half.method = Pooling::Method::kAverage;
      half.kernel = half.stride = {2, 2};
      b.Add(half, {b.last});
      end_stage();
    }
    return b.network;
  }
  Fail("{}: expected mnasnet, mobilenet_v3, efficientnet, resnet50, convnext or densenet", name);
}

}  // namespace netdissect
