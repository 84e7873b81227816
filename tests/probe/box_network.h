#pragma once
// Networks whose units sum a square of known size: their true receptive field is known, whatever
// their theoretical one is.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <string>
#include <utility>
#include <vector>

#include "netdissect/nn/network.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"

namespace netdissect {

/// A square convolution whose kernel is `box` x `box` ones, the first of them at (`at`, `at`), and
/// zeros elsewhere; a delta where `box` is 1. A mean over 2 x 2 instead where `pool`.
struct BoxStage {
  int kernel = 1, stride = 1, pad = 0;
  int box = 1, at = 0;
  bool pool = false;
};

class BoxNetwork {
 public:
  BoxNetwork(int size, std::vector<BoxStage> stages)
      : network_({3, size, size}), stages_(std::move(stages)) {
    int last = 0;
    for (size_t i = 0; i < stages_.size(); ++i) {
      const BoxStage& stage = stages_[i];
      const std::string name = "stage" + std::to_string(i + 1);
      if (stage.pool) {
        Pooling pool;
        pool.method = Pooling::Method::kAverage;
        pool.kernel = {stage.kernel, stage.kernel};
        pool.stride = {stage.stride, stage.stride};
        last = network_.Add(name, pool, {last});
        continue;
      }
      Convolution c;
      c.units = 1;
      c.kernel = {stage.kernel, stage.kernel};
      c.stride = {stage.stride, stage.stride};
      c.padding = {stage.pad, stage.pad, stage.pad, stage.pad};
      c.weight = at::zeros({1, i == 0 ? 3 : 1, stage.kernel, stage.kernel});
      c.weight.narrow(2, stage.at, stage.box)
          .narrow(3, stage.at, stage.box)
          .fill_(1.0 / (stage.box * stage.box));
      last = network_.Add(name, c, {last});
      last = network_.Add(name + "_relu", Relu{}, {last});  // of nothing negative here
    }
  }

  const Network& network() const { return network_; }
  int layer() const { return network_.size() - 1; }

  /// Along one axis, the weight of each input pixel for the unit at `position`: its weights in the
  /// image are the outer product of two of these, the same for the three channels.
  std::vector<double> Weights(int position) const {
    std::vector<int> sizes = {network_.input().height};
    for (const BoxStage& s : stages_) {
      sizes.push_back((sizes.back() + 2 * s.pad - s.kernel) / s.stride + 1);
    }
    std::vector<double> weights(static_cast<size_t>(sizes.back()), 0);
    weights.at(static_cast<size_t>(position)) = 1;
    for (size_t i = stages_.size(); i-- > 0;) {
      const BoxStage& s = stages_[i];
      std::vector<double> below(static_cast<size_t>(sizes[i]), 0);
      for (int o = 0; o < sizes[i + 1]; ++o) {
        for (int j = 0; j < s.box; ++j) {
          const int input = o * s.stride - s.pad + s.at + j;
          if (input < 0 || input >= sizes[i]) continue;
          below[static_cast<size_t>(input)] += weights[static_cast<size_t>(o)] / s.box;
        }
      }
      weights = std::move(below);
    }
    return weights;
  }

 private:
  Network network_;
  std::vector<BoxStage> stages_;
};

}  // namespace netdissect
