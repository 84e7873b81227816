// Gradients of networks for which they are known, or found by finite differences.

#include "netdissect/probe/gradient.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/scratch.h"
#include "nn/alexnet.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/relu.h"
#include "nn/kinds/softmax.h"
#include "nn/random_network.h"
#include "probe/fields_with_maps.h"

namespace netdissect {
namespace {

OccluderSet PixelsOf(const Network& network) {
  InputFormat format;
  format.height = network.input().height;
  format.width = network.input().width;
  return OccluderSet(format, EachPixel());
}

at::Tensor NormalImage(const Network& network, uint64_t seed) {
  at::manual_seed(seed);
  const Shape& shape = network.input();
  return at::randn({shape.units, shape.height, shape.width});
}

// g(y, x) of one unit at a position.
at::Tensor GradientMap(const Network& network, const at::Tensor& image, const UnitPosition& unit) {
  const OccluderSet pixels = PixelsOf(network);
  return MakeGradientEngine(network, pixels)->Respond(image, {unit}).front().change.neg();
}

Convolution ConvolutionOf(const at::Tensor& weight, int stride, int pad) {
  Convolution c;
  c.units = static_cast<int>(weight.size(0));
  c.kernel = {static_cast<int>(weight.size(2)), static_cast<int>(weight.size(3))};
  c.stride = {stride, stride};
  c.padding = {pad, pad, pad, pad};
  c.weight = weight;
  return c;
}

// Two convolutions without a rectifier: 5 x 5 by steps of 2, then 3 x 3; each pads by 1.
struct LinearNetwork {
  static constexpr int kSide = 33, kMiddle = 4, kUnits = 3;
  at::Tensor first, second;
  Network network{{3, kSide, kSide}};

  LinearNetwork() {
    at::manual_seed(3);
    first = at::randn({kMiddle, 3, 5, 5});
    second = at::randn({kUnits, kMiddle, 3, 3});
    network.Add("first", ConvolutionOf(first, 2, 1), {0});
    network.Add("second", ConvolutionOf(second, 1, 1), {1});
  }

  // d unit(y, x) / d input(c, i, j): the composition of the kernels, whatever the image is.
  std::vector<double> Composed(int unit, int y, int x) const {
    const auto a = first.accessor<float, 4>(), b = second.accessor<float, 4>();
    const Shape& middle = network.layer(1).shape;
    std::vector<double> sums(3 * kSide * kSide);
    for (int m = 0; m < kMiddle; ++m) {
      for (int tap = 0; tap < 9; ++tap) {
        const int row = y - 1 + tap / 3, column = x - 1 + tap % 3;
        if (row < 0 || column < 0 || row >= middle.height || column >= middle.width) continue;
        for (int c = 0; c < 3; ++c) {
          for (int inner = 0; inner < 25; ++inner) {
            const int i = 2 * row - 1 + inner / 5, j = 2 * column - 1 + inner % 5;
            if (i < 0 || j < 0 || i >= kSide || j >= kSide) continue;
            sums[static_cast<size_t>((c * kSide + i) * kSide + j)] +=
                static_cast<double>(b[unit][m][tap / 3][tap % 3]) *
                static_cast<double>(a[m][c][inner / 5][inner % 5]);
          }
        }
      }
    }
    return sums;
  }
};

TEST(GradientEngine, IsTheCompositionOfKernelsInALinearNetwork) {
  const LinearNetwork linear;
  constexpr int kSide = LinearNetwork::kSide;
  const Shape& shape = linear.network.layer(2).shape;
  const std::pair<int, int> positions[] = {
      {7, 8}, {0, 0}, {shape.height - 1, 3}, {5, shape.width - 1}};
  for (int unit = 0; unit < LinearNetwork::kUnits; ++unit) {
    for (const auto& [y, x] : positions) {
      const at::Tensor map =
          GradientMap(linear.network, NormalImage(linear.network, 1), {2, unit, y, x});
      const std::vector<double> composed = linear.Composed(unit, y, x);
      const auto found = map.accessor<float, 2>();
      double largest = 0;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          double expected = 0;
          for (int c = 0; c < 3; ++c) {
            expected += std::abs(composed[static_cast<size_t>((c * kSide + i) * kSide + j)]) / 3;
          }
          ASSERT_NEAR(found[i][j], expected, 1e-5) << unit << " at " << y << ", " << x;
          largest = std::max(largest, expected);
        }
      }
      EXPECT_GT(largest, 0.1);
      // The same on any image.
      EXPECT_TRUE(map.allclose(
          GradientMap(linear.network, NormalImage(linear.network, 2), {2, unit, y, x})));
    }
  }
}

TEST(GradientEngine, AnswersAsTheNetworkDoes) {
  const LinearNetwork linear;
  const at::Tensor image = NormalImage(linear.network, 4);
  const OccluderSet pixels = PixelsOf(linear.network);
  const auto engine = MakeGradientEngine(linear.network, pixels);
  const std::vector<UnitPosition> units = {{2, 1, 3, 4}, {1, 2, 5, 6}, {2, 0, 3, 4}};
  const auto responses = engine->Respond(image, units);
  Network passes = linear.network;
  passes.SetForward(ForwardBy::kLibTorch);  // as what has gradients is
  const auto outputs = passes.Forward(image.unsqueeze(0), {1, 2});
  ASSERT_EQ(responses.size(), 3u);
  EXPECT_EQ(responses[0].original, (outputs[1][0][1][3][4].item<float>()));
  EXPECT_EQ(responses[1].original, (outputs[0][0][2][5][6].item<float>()));
  // Units asked for together do not add up.
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(responses[i].change.equal(-GradientMap(linear.network, image, units[i]))) << i;
  }
  EXPECT_EQ(engine->work().pairs, 3);
  EXPECT_GT(engine->work().macs, 0);
}

TEST(GradientEngine, IsTheSameInInferenceMode) {
  const LinearNetwork linear;
  const at::Tensor outside =
      GradientMap(linear.network, NormalImage(linear.network, 4), {2, 1, 3, 4});
  const c10::InferenceMode inference;
  const at::Tensor image = NormalImage(linear.network, 4);
  ASSERT_TRUE(image.is_inference());
  EXPECT_TRUE(GradientMap(linear.network, image, {2, 1, 3, 4}).equal(outside));
  EXPECT_TRUE(c10::InferenceMode::is_enabled());
}

// d^(2n) of n convolutions by [1 2 1] / 4 is binomial: sizes grow with the root of the depth.
std::vector<double> Binomial(int n) {
  std::vector<double> row = {1};
  for (int i = 0; i < 2 * n; ++i) {
    std::vector<double> next(row.size() + 1);
    for (size_t k = 0; k < row.size(); ++k) {
      next[k] += row[k] / 2;
      next[k + 1] += row[k] / 2;
    }
    row = std::move(next);
  }
  return row;
}

TEST(GradientFields, AreAsLargeAsTheKernelsOfALinearNetworkSay) {
  for (const int depth : {3, 12}) {
    constexpr int kSide = 61;
    const at::Tensor row = at::zeros({3});
    row[0] = row[2] = 0.25;
    row[1] = 0.5;
    const at::Tensor kernel = row.view({3, 1}) * row.view({1, 3});
    Network network({3, kSide, kSide});
    at::Tensor first = at::zeros({1, 3, 3, 3});
    const double channels[] = {1, -2, 0.5};  // gradients of either sign do not cancel
    for (int c = 0; c < 3; ++c) first[0][c].copy_(kernel * channels[c]);
    int last = network.Add("conv1", ConvolutionOf(first, 1, 1), {0});
    for (int i = 2; i <= depth; ++i) {
      last = network.Add("conv" + std::to_string(i), ConvolutionOf(kernel.view({1, 1, 3, 3}), 1, 1),
                         {last});
    }
    const std::string name = network.layer(last).name;
    // Where no field reaches beyond the image; each image at another position.
    const FieldRequest request{name, last, {{0, {{0, 3, 30, 30}, {1, 2, 14, 40}, {2, 1, 45, 15}}}}};
    const OccluderSet pixels = PixelsOf(network);
    const auto engine = MakeGradientEngine(network, pixels);
    const auto image = [&](int64_t i) { return NormalImage(network, static_cast<uint64_t>(i)); };
    for (const Discrepancy kind : {Discrepancy::kAbsolute, Discrepancy::kDrop}) {
      FieldOptions options;
      options.discrepancy = kind;
      const LayerFields layer =
          MeasureWithMaps(network, *engine, pixels, {request}, image, options).front();
      const std::vector<double> binomial = Binomial(depth);
      const auto side = static_cast<int64_t>(binomial.size());
      ASSERT_EQ(layer.units[0].map.sizes(), (at::IntArrayRef{side, side}));
      const auto map = layer.units[0].map.accessor<float, 2>();
      const double top = binomial[static_cast<size_t>(depth)];
      int area = 0;
      for (int64_t i = 0; i < side; ++i) {
        for (int64_t j = 0; j < side; ++j) {
          const double product =
              binomial[static_cast<size_t>(i)] * binomial[static_cast<size_t>(j)];
          EXPECT_NEAR(map[i][j], 3.5 / 3 * product, 1e-6);
          area += product > options.threshold * top * top ? 1 : 0;
        }
      }
      EXPECT_DOUBLE_EQ(layer.units[0].size, std::sqrt(area));
      EXPECT_LT(layer.units[0].size, 0.8 * static_cast<double>(side));
      EXPECT_NEAR(layer.units[0].deviation, 0, 1e-9);  // all maps are the same
    }
  }
}

TEST(GradientFields, OfAUnitThatRestsAreSilent) {
  Network network({3, 21, 21});
  at::manual_seed(1);
  Convolution c = ConvolutionOf(at::randn({2, 3, 3, 3}), 1, 1);
  c.bias = at::zeros({2});
  c.bias[1] = -1000;
  network.Add("conv", c, {0});
  network.Add("relu", Relu(), {1});
  const at::Tensor image = NormalImage(network, 1).abs();
  EXPECT_EQ(GradientMap(network, image, {2, 1, 9, 9}).abs().max().item<float>(), 0);
  const OccluderSet pixels = PixelsOf(network);
  const auto engine = MakeGradientEngine(network, pixels);
  const FieldRequest request{"relu", 2, {{0, {{0, 2, 9, 9}}}, {1, {{0, 1, 9, 9}}}}};
  const LayerFields layer =
      MeasureWithMaps(network, *engine, pixels, {request}, [&](int64_t) { return image; }).front();
  EXPECT_TRUE(layer.units[1].silent);
}

// In double precision, layer by layer.
at::Tensor ExactOutput(const Network& network, const at::Tensor& image, int layer) {
  std::vector<at::Tensor> outputs(static_cast<size_t>(network.size()));
  outputs[0] = image.to(at::kDouble).unsqueeze(0);
  for (const int i : network.Needed({layer})) {
    if (i == 0) continue;
    Layer exact = network.layer(i);
    exact.kind = MapWeights(exact.kind, [](const std::string&, const at::Tensor& weight) {
      return weight.to(at::kDouble);
    });
    std::vector<at::Tensor> inputs;
    for (const int input : exact.inputs) inputs.push_back(outputs[static_cast<size_t>(input)]);
    outputs[static_cast<size_t>(i)] = Evaluate(exact, inputs);
  }
  return outputs[static_cast<size_t>(layer)];
}

// At some pixels of the unit's field, by central differences.
void ExpectFiniteDifferences(const Network& network, const UnitPosition& unit, uint64_t seed) {
  constexpr double kStep = 1e-6;
  const at::Tensor image = NormalImage(network, seed), exact = image.to(at::kDouble);
  const at::Tensor map = GradientMap(network, image, unit);
  const double scale = map.max().item<double>();
  const ReceptiveField field = TheoreticalFields(network)[static_cast<size_t>(unit.layer)];
  Random random(seed, 9);
  const auto pixel_in = [&](Interval span, int size) {
    span = {std::max<int64_t>(span.start, 0), std::min<int64_t>(span.end, size - 1)};
    return span.start + static_cast<int64_t>(random.Below(static_cast<uint64_t>(span.size())));
  };
  for (int trial = 0; trial < 8; ++trial) {
    const int64_t y = pixel_in(field.y.At(unit.y), network.input().height);
    const int64_t x = pixel_in(field.x.At(unit.x), network.input().width);
    double expected = 0;
    for (int64_t c = 0; c < 3; ++c) {
      double values[2];
      for (const int side : {0, 1}) {
        const at::Tensor moved = exact.clone();
        moved[c][y][x] += side == 0 ? -kStep : kStep;
        values[side] =
            ExactOutput(network, moved, unit.layer)[0][unit.unit][unit.y][unit.x].item<double>();
      }
      expected += std::abs(values[1] - values[0]) / (2 * kStep) / 3;
    }
    EXPECT_NEAR(map[y][x].item<double>(), expected, 1e-4 * scale)
        << network.layer(unit.layer).name << ", pixel " << y << ", " << x;
  }
}

TEST(GradientEngine, EqualsFiniteDifferencesOnRandomGraphs) {
  int checked = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const Network network = RandomNetwork(seed, 29, 8);
    const int layer = network.size() - 1;
    const Shape& shape = network.layer(layer).shape;
    const UnitPosition unit{layer, shape.units / 2, shape.height / 2, shape.width / 2};
    if (GradientMap(network, NormalImage(network, seed), unit).max().item<float>() == 0) continue;
    ExpectFiniteDifferences(network, unit, seed);
    ++checked;
  }
  EXPECT_GE(checked, 8);  // of others the unit rests
}

// Rectified in place, normalised, pooled, flattened, and a softmax above.
TEST(GradientEngine, EqualsFiniteDifferencesOfAClassScore) {
  AlexNetOptions options;
  options.width = 0.05;
  options.classes = 5;
  const Network network = BuildAlexNet(options);
  ExpectFiniteDifferences(network, {network.Find("prob"), 2, 0, 0}, 1);
  ExpectFiniteDifferences(network, {network.Find("pool2"), 3, 6, 7}, 2);
}

TEST(GradientEngine, TakesOneOccluderForEachPixelAlone) {
  const LinearNetwork linear;
  InputFormat format;
  format.height = format.width = LinearNetwork::kSide;
  OcclusionOptions coarse = EachPixel();
  coarse.patch = 3;
  const OccluderSet patches(format, coarse);
  EXPECT_TRUE(HasAll(ErrorOf([&] { MakeGradientEngine(linear.network, patches); }),
                     {"gradient", "33 x 33 occluders of 1 pixel", "31 x 31 of 3"}));
  format.height = 20;
  const OccluderSet others(format, EachPixel());
  EXPECT_TRUE(HasAll(ErrorOf([&] { MakeGradientEngine(linear.network, others); }), {"20 x 33"}));
}

TEST(GradientEngine, SaysThatWeightsOfInferenceModeHaveNone) {
  const c10::InferenceMode inference;
  const LinearNetwork linear;
  const OccluderSet pixels = PixelsOf(linear.network);
  EXPECT_TRUE(HasAll(ErrorOf([&] { MakeGradientEngine(linear.network, pixels); }),
                     {"layer first", "weight", "inference mode"}));
}

TEST(GradientEngine, SaysWhatHasNoGradient) {
  Network network({3, 9, 9});
  Convolution c = ConvolutionOf(at::full({1, 3, 3, 3}, 1e30), 1, 1);
  network.Add("huge", c, {0});
  network.Add("vast", ConvolutionOf(at::full({1, 1, 3, 3}, 1e30), 1, 1), {1});
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       GradientMap(network, at::ones({3, 9, 9}), {2, 0, 4, 4});
                     }),
                     {"layer vast, unit 0 at (4, 4)", "finite"}));
}

}  // namespace
}  // namespace netdissect
