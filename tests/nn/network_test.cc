#include "netdissect/nn/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "netdissect/base/error.h"
#include "nn/alexnet.h"
#include "nn/fold.h"
#include "nn/kinds/affine.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/local_response_norm.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

std::string MessageOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

Convolution MakeConvolution(int units, int channels, int kernel) {
  Convolution c;
  c.units = units;
  c.kernel = {kernel, kernel};
  c.weight = at::randn({units, channels, kernel, kernel});
  return c;
}

TEST(Network, ComputesOnlyWhatIsNeeded) {
  const Network network = RandomNetwork(3, 33, 10);
  const std::vector<int> needed = network.Needed({network.Find("l4")});
  for (int index : needed) EXPECT_LE(index, network.Find("l4"));
  EXPECT_EQ(network.Needed({0}), std::vector<int>{0});
}

TEST(Network, GivesTheSameLayerAloneAndAmongOthers) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Network network = RandomNetwork(seed, 33, 10);
    const at::Tensor input = at::randn({2, 3, 33, 33});
    const at::Tensor before = input.clone();
    std::vector<int> all;
    for (int i = 0; i < network.size(); ++i) all.push_back(i);
    const std::vector<at::Tensor> together = network.Forward(input, all);
    for (int i = 0; i < network.size(); ++i) {
      const at::Tensor alone = network.Forward(input, {i})[0];
      EXPECT_TRUE(at::allclose(alone, together[static_cast<size_t>(i)], 1e-5, 1e-6)) << i;
      const Shape& shape = network.layer(i).shape;
      EXPECT_EQ(alone.sizes(), at::IntArrayRef({2, shape.units, shape.height, shape.width})) << i;
    }
    EXPECT_TRUE(at::equal(input, before)) << "the caller's input was overwritten";
  }
}

TEST(Network, BindsInPlaceNamesToTheRectifiedOutput) {
  AlexNetOptions options;
  options.width = 0.05;
  const Network network = BuildAlexNet(options);
  EXPECT_EQ(network.Find("conv4"), network.Find("relu4"));
  EXPECT_GE(
      network.Forward(at::randn({1, 3, 227, 227}), {network.Find("conv4")})[0].min().item<float>(),
      0);
}

TEST(Network, ListsTheLayersForAnUnknownName) {
  const Network network = BuildAlexNet({0.05, 10});
  const std::string message = MessageOf([&] { network.Find("pol5"); });
  EXPECT_NE(message.find("did you mean pool5?"), std::string::npos) << message;
  EXPECT_NE(message.find("conv1, relu1, pool1"), std::string::npos) << message;
}

TEST(Network, NamesLayerAndShapesWhereWeightsDoNotFit) {
  Network network({3, 16, 16});
  const std::string message = MessageOf([&] { network.Add("c", MakeConvolution(4, 5, 3), {0}); });
  EXPECT_NE(message.find("layer c"), std::string::npos) << message;
  EXPECT_NE(message.find("4 x 3 x 3 x 3"), std::string::npos) << message;
  EXPECT_NE(message.find("4 x 5 x 3 x 3"), std::string::npos) << message;
}

TEST(Network, RefusesWindowsLargerThanTheInputAndMismatchedBranches) {
  Network network({3, 8, 8});
  EXPECT_NE(MessageOf([&] { network.Add("c", MakeConvolution(4, 3, 9), {0}); }).find("layer c"),
            std::string::npos);
  const int a = network.Add("a", MakeConvolution(4, 3, 3), {0});
  EXPECT_NE(MessageOf([&] {
              network.Add("s", Sum{}, {0, a});
            }).find("3 x 8 x 8, 4 x 6 x 6"),
            std::string::npos);
  EXPECT_THROW(network.Forward(at::zeros({1, 3, 9, 9}), {a}), Error);
}

// Written from the definition, one output at a time.
float NaivePool(const Pooling& p, const at::Tensor& x, int c, int oy, int ox) {
  const int height = static_cast<int>(x.size(2)), width = static_cast<int>(x.size(3));
  float best = -INFINITY, sum = 0;
  int cells = 0;
  for (int ky = 0; ky < p.kernel.y; ++ky) {
    for (int kx = 0; kx < p.kernel.x; ++kx) {
      const int iy = oy * p.stride.y - p.padding.top + ky,
                ix = ox * p.stride.x - p.padding.left + kx;
      const bool inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
      if (inside) {
        const float value = x[0][c][iy][ix].item<float>();
        best = std::max(best, value);
        sum += value;
      }
      const bool in_padded = iy < height + p.padding.bottom && ix < width + p.padding.right;
      cells += (p.count_padding ? in_padded : inside) ? 1 : 0;
    }
  }
  return p.method == Pooling::Method::kMax ? best : sum / static_cast<float>(cells);
}

TEST(Pooling, AgreesWithItsDefinition) {
  const at::Tensor x = at::randn({1, 2, 11, 10});
  for (int variant = 0; variant < 32; ++variant) {
    Pooling p;
    p.method = (variant & 1) != 0 ? Pooling::Method::kMax : Pooling::Method::kAverage;
    p.kernel = {3, 2};
    p.stride = {2, 3};
    p.ceil = (variant & 2) != 0;
    p.count_padding = (variant & 4) != 0;
    if ((variant & 8) != 0) p.padding = {1, 1, 1, 1};
    if ((variant & 16) != 0) p.padding.bottom = 2;
    Network network({2, 11, 10});
    const int index = network.Add("p", p, {0});
    const at::Tensor y = network.Forward(x, {index})[0];
    for (int c = 0; c < 2; ++c) {
      for (int oy = 0; oy < y.size(2); ++oy) {
        for (int ox = 0; ox < y.size(3); ++ox) {
          EXPECT_NEAR(y[0][c][oy][ox].item<float>(), NaivePool(p, x, c, oy, ox), 1e-5)
              << variant << " at " << oy << ", " << ox;
        }
      }
    }
  }
}

TEST(LocalResponseNorm, AgreesWithItsDefinition) {
  const at::Tensor x = at::randn({1, 7, 2, 2});
  LocalResponseNorm norm;
  norm.size = 3;
  norm.alpha = 0.7f;
  norm.beta = 0.6f;
  norm.k = 2.0f;
  Network network({7, 2, 2});
  const at::Tensor y = network.Forward(x, {network.Add("n", norm, {0})})[0];
  for (int c = 0; c < 7; ++c) {
    double sum = 0;
    for (int i = std::max(0, c - 1); i <= std::min(6, c + 1); ++i) {
      sum += std::pow(x[0][i][1][0].item<double>(), 2);
    }
    EXPECT_NEAR(y[0][c][1][0].item<float>(),
                x[0][c][1][0].item<double>() / std::pow(2.0 + 0.7 / 3 * sum, 0.6), 1e-6);
  }
}

TEST(FoldAffine, ChangesNoOutputThatRemains) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Network network = RandomNetwork(seed, 33, 12);
    const Network folded = FoldAffine(network);
    const at::Tensor input = at::randn({1, 3, 33, 33});
    for (const auto& [name, index] : network.names()) {
      if (!folded.Has(name)) continue;
      const at::Tensor expected = network.Forward(input, {index})[0];
      const at::Tensor found = folded.Forward(input, {folded.Find(name)})[0];
      EXPECT_TRUE(at::allclose(expected, found, 1e-4, 1e-4)) << seed << " " << name;
    }
  }
}

TEST(FoldAffine, ScalesUnitsOfTransposedConvolutions) {
  Network network({6, 5, 4});
  TransposedConvolution t;
  t.units = 4;
  t.groups = 2;
  t.kernel = {3, 2};
  t.stride = {2, 2};
  t.weight = at::randn({6, 2, 3, 2});
  const int up = network.Add("up", t, {0});
  const int bn = network.Add("bn", Affine{at::randn({4}), at::randn({4})}, {up});
  const Network folded = FoldAffine(network);
  ASSERT_EQ(folded.size(), 2);
  const at::Tensor input = at::randn({2, 6, 5, 4});
  EXPECT_TRUE(
      at::allclose(network.Forward(input, {bn})[0], folded.Forward(input, {1})[0], 1e-5, 1e-5));
}

TEST(FoldAffine, SaysWhereAFoldedNameWent) {
  Network network({3, 8, 8});
  const int conv = network.Add("conv", MakeConvolution(4, 3, 3), {0});
  const int bn = network.Add("bn", Affine{at::rand({4}), at::rand({4})}, {conv});
  network.Add("scale", Affine{at::rand({4}), at::rand({4})}, {bn});
  const Network folded = FoldAffine(network);
  EXPECT_EQ(folded.size(), 2);
  const std::string message = MessageOf([&] { folded.Find("conv"); });
  EXPECT_NE(message.find("ask for that one"), std::string::npos) << message;
  EXPECT_NE(message.find("layer scale"), std::string::npos) << message;
}

TEST(FoldAffine, KeepsCaffesInPlaceNames) {
  Network network({3, 8, 8});
  const int conv = network.Add("conv1", MakeConvolution(4, 3, 3), {0});
  const int bn = network.Add("bn_conv1", Affine{at::rand({4}), at::rand({4})}, {conv});
  network.Bind("conv1", bn);
  const int relu = network.Add("conv1_relu", Relu{}, {bn});
  network.Bind("conv1", relu);
  const Network folded = FoldAffine(network);
  EXPECT_EQ(folded.layer(1).name, "conv1");
  EXPECT_EQ(folded.Find("conv1"), folded.Find("conv1_relu"));
}

TEST(Network, DigestFollowsWeightsAndAttributes) {
  const auto digest = [](double scale, int padding) {
    Network network({3, 8, 8});
    Convolution c;
    c.units = 2;
    c.kernel = {3, 3};
    c.padding = {padding, padding, padding, padding};
    c.weight = at::ones({2, 3, 3, 3}) * scale;
    network.Add("c", c, {0});
    return network.ComputeDigest();
  };
  EXPECT_EQ(digest(1, 1), digest(1, 1));
  EXPECT_NE(digest(1, 1), digest(2, 1));
  EXPECT_NE(digest(1, 1), digest(1, 0));
}

}  // namespace
}  // namespace netdissect
