#pragma once
// The oracle of theoretical receptive fields: where the autograd gradient of a unit is not zero.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "netdissect/nn/geometry.h"

namespace netdissect {

struct GradientSupport {
  bool empty = true;
  Interval y, x;
};

inline GradientSupport SupportOfGradient(const Network& network, int layer, int unit, int y, int x,
                                         uint64_t seed) {
  at::manual_seed(seed);
  at::Tensor input =
      at::randn({1, network.input().units, network.input().height, network.input().width});
  input.requires_grad_(true);
  const at::Tensor output = network.Forward(input, {layer})[0];
  output[0][unit][y][x].backward();
  const at::Tensor touched = input.grad().abs().amax({0, 1}) > 0;
  const auto span = [](const at::Tensor& any) -> Interval {
    const at::Tensor where = any.nonzero().flatten();
    return {where.min().item<int64_t>(), where.max().item<int64_t>()};
  };
  GradientSupport support;
  support.empty = !touched.any().item<bool>();
  if (support.empty) return support;
  support.y = span(touched.any(1));
  support.x = span(touched.any(0));
  return support;
}

/// At `tries` random units of every layer, corners of the feature map included.
inline void ExpectFieldsContainGradients(const Network& network, uint64_t seed, int tries) {
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  Random random(seed, 5);
  int seen = 0;
  for (int i = 1; i < network.size(); ++i) {
    const Shape& shape = network.layer(i).shape;
    for (int t = 0; t < tries; ++t) {
      const auto unit = static_cast<int>(random.Below(static_cast<uint64_t>(shape.units)));
      const int y =
          t == 0 ? 0 : static_cast<int>(random.Below(static_cast<uint64_t>(shape.height)));
      const int x = t == 0 ? shape.width - 1
                           : static_cast<int>(random.Below(static_cast<uint64_t>(shape.width)));
      const GradientSupport support = SupportOfGradient(network, i, unit, y, x, seed);
      if (support.empty) continue;  // a rectified unit at rest
      ++seen;
      const Interval field_y = fields[static_cast<size_t>(i)].y.At(y);
      const Interval field_x = fields[static_cast<size_t>(i)].x.At(x);
      const std::string where = network.layer(i).name;
      EXPECT_LE(field_y.start, support.y.start) << where;
      EXPECT_GE(field_y.end, support.y.end) << where;
      EXPECT_LE(field_x.start, support.x.start) << where;
      EXPECT_GE(field_x.end, support.x.end) << where;
    }
  }
  EXPECT_GT(seen, 0);
}

}  // namespace netdissect
