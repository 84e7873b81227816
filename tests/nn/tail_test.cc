#include "nn/tail.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

// From every layer of random graphs that allows it.
TEST(TailAbove, ComputesTheSameFromTheCutOn) {
  int cuts = 0, refused = 0;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const Network network = RandomNetwork(seed, 24, 8);
    const int last = network.size() - 1;
    const at::Tensor input = at::randn({2, 3, 24, 24});
    for (int cut = 0; cut < last; ++cut) {
      const std::optional<Network> tail = TailAbove(network, cut, last);
      if (!tail) {
        ++refused;
        continue;
      }
      ++cuts;
      const std::vector<at::Tensor> outputs = network.Forward(input, {cut, last});
      EXPECT_TRUE(tail->Forward(outputs[0], {tail->size() - 1})[0].equal(outputs[1]))
          << "seed " << seed << " cut " << cut;
    }
  }
  EXPECT_GT(cuts, 20);
  EXPECT_GT(refused, 3) << "no graph had a branch around its cut";
}

TEST(TailAbove, IsNothingWhereTheCutDoesNotSeparate) {
  Network network({2, 4, 4});
  const int a = network.Add("a", Relu{}, {0});
  Relu leaky;
  leaky.slope = 0.5f;
  const int b = network.Add("b", leaky, {0});
  const int sum = network.Add("sum", Sum{}, {a, b});
  const int other = network.Add("other", Relu{}, {a});
  EXPECT_FALSE(TailAbove(network, a, sum).has_value());
  EXPECT_FALSE(TailAbove(network, b, other).has_value());
  EXPECT_FALSE(TailAbove(network, sum, a).has_value());
  ASSERT_TRUE(TailAbove(network, a, other).has_value());
  EXPECT_EQ(TailAbove(network, a, other)->size(), 2);
}

}  // namespace
}  // namespace netdissect
