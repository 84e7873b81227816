#include "nn/random_weight.h"

#include <ATen/ops/empty.h>

#include <cmath>

#include "base/random.h"

namespace netdissect {

at::Tensor RandomWeight(at::IntArrayRef shape, uint64_t seed, uint64_t number) {
  at::Tensor weight = at::empty(shape, at::kFloat);
  const int64_t fan_in = weight.numel() / weight.size(0);
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
  float* values = weight.data_ptr<float>();
  Random random(seed, number);
  for (int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>(deviation * random.Normal());
  }
  return weight;
}

}  // namespace netdissect
