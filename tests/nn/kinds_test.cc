// Each kind of layer against its formula, number by number, in double precision.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "netdissect/nn/network.h"
#include "nn/expect_error.h"
#include "nn/kinds/channel_norm.h"
#include "nn/kinds/channel_reduction.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/crop.h"
#include "nn/kinds/extremum.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/group_norm.h"
#include "nn/kinds/input.h"
#include "nn/kinds/pad.h"
#include "nn/kinds/pixel_shuffle.h"
#include "nn/kinds/pixel_unshuffle.h"
#include "nn/kinds/pointwise.h"
#include "nn/kinds/product.h"
#include "nn/kinds/rearrangement.h"
#include "nn/kinds/resize.h"
#include "nn/kinds/softmax.h"
#include "nn/kinds/sum.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {
namespace {

// The inputs of a layer, as numbers.
struct Inputs {
  std::vector<at::Tensor> tensors;
  double At(int k, int n, int c, int y, int x) const {
    return static_cast<double>(tensors[static_cast<size_t>(k)].accessor<float, 4>()[n][c][y][x]);
  }
  double At(int n, int c, int y, int x) const { return At(0, n, c, y, x); }
};

using Formula = std::function<double(const Inputs&, int n, int c, int y, int x)>;

Inputs Draw(const std::vector<Shape>& shapes) {
  at::manual_seed(7);
  Inputs inputs;
  for (const Shape& shape : shapes) {
    inputs.tensors.push_back(at::randn({2, shape.units, shape.height, shape.width}));
  }
  return inputs;
}

// The layer's output for inputs of these shapes is what the formula says.
void ExpectValues(const AnyKind& kind, const Inputs& inputs, const Shape& output,
                  const Formula& formula, double tolerance = 2e-6) {
  std::vector<Shape> shapes;
  for (const at::Tensor& t : inputs.tensors) {
    shapes.push_back(
        {static_cast<int>(t.size(1)), static_cast<int>(t.size(2)), static_cast<int>(t.size(3))});
  }
  const Layer layer = {"layer", kind, {}, kind->OutputShape(shapes)};
  ASSERT_EQ(ToString(layer.shape), ToString(output)) << kind->Name();
  const at::Tensor found = Evaluate(layer, inputs.tensors);
  ASSERT_EQ(found.sizes(), at::IntArrayRef({2, output.units, output.height, output.width}));
  const at::Tensor values = found.contiguous();
  const auto value = values.accessor<float, 4>();
  for (int n = 0; n < 2; ++n) {
    for (int c = 0; c < output.units; ++c) {
      for (int y = 0; y < output.height; ++y) {
        for (int x = 0; x < output.width; ++x) {
          const double expected = formula(inputs, n, c, y, x);
          ASSERT_NEAR(value[n][c][y][x], expected, tolerance * (1 + std::abs(expected)))
              << kind->Name() << " at " << n << ", " << c << ", " << y << ", " << x;
        }
      }
    }
  }
}

void ExpectValues(const AnyKind& kind, const std::vector<Shape>& shapes, const Shape& output,
                  const Formula& formula, double tolerance = 2e-6) {
  ExpectValues(kind, Draw(shapes), output, formula, tolerance);
}

TEST(Pointwise, IsItsFormula) {
  using Function = Pointwise::Function;
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  struct Case {
    Pointwise kind;
    std::function<double(double)> formula;
  };
  const std::vector<Case> cases = {
      {Pointwise(Function::kSigmoid), sigmoid},
      {Pointwise(Function::kHardSigmoid, 0.2f, 0.5f),
       [](double x) { return std::max(0.0, std::min(1.0, 0.2 * x + 0.5)); }},
      {Pointwise(Function::kHardSwish),
       [](double x) { return x * std::max(0.0, std::min(1.0, x / 6 + 0.5)); }},
      {Pointwise(Function::kSwish), [&](double x) { return x * sigmoid(x); }},
      {Pointwise(Function::kTanh), [](double x) { return std::tanh(x); }},
      {Pointwise(Function::kElu, 0.7f),
       [](double x) { return x > 0 ? x : 0.7 * (std::exp(x) - 1); }},
      {Pointwise(Function::kSelu, 1.7f, 1.05f),
       [](double x) { return 1.05 * (x > 0 ? x : 1.7 * (std::exp(x) - 1)); }},
      {Pointwise(Function::kGelu),
       [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }},
      {Pointwise(Function::kGeluTanh),
       [](double x) {
         return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
       }},
      {Pointwise(Function::kSoftplus, 2, 3),
       [](double x) { return 2 * x > 3 ? x : std::log(1 + std::exp(2 * x)) / 2; }},
      {Pointwise(Function::kSoftsign), [](double x) { return x / (1 + std::abs(x)); }},
      {Pointwise(Function::kClip, -0.5f, 1),
       [](double x) { return std::max(-0.5, std::min(1.0, x)); }},
      {Pointwise(Function::kClip, 0.25f, INFINITY), [](double x) { return std::max(0.25, x); }},
      {Pointwise(Function::kAbs), [](double x) { return std::abs(x); }},
      {Pointwise(Function::kErf), [](double x) { return std::erf(x); }},
      {Pointwise(Function::kRound, 0.25f), [](double x) { return 0.25 * std::nearbyint(4 * x); }},
      {Pointwise(Function::kExp), [](double x) { return std::exp(x); }},
      {Pointwise(Function::kReciprocal), [](double x) { return 1 / x; }},
  };
  for (const Case& c : cases) {
    ExpectValues(c.kind, {{3, 4, 5}}, {3, 4, 5}, [&](const Inputs& in, int n, int k, int y, int x) {
      return c.formula(in.At(n, k, y, x));
    });
  }
  Inputs positive = Draw({{3, 4, 5}});
  positive.tensors[0] = positive.tensors[0].abs() + 0.01;
  const std::vector<Case> of_positive = {
      {Pointwise(Function::kSqrt), [](double x) { return std::sqrt(x); }},
      {Pointwise(Function::kLog), [](double x) { return std::log(x); }},
      {Pointwise(Function::kPower, 1.7f),
       [](double x) { return std::exp(static_cast<double>(1.7f) * std::log(x)); }},
  };
  for (const Case& c : of_positive) {
    ExpectValues(c.kind, positive, {3, 4, 5}, [&](const Inputs& in, int n, int k, int y, int x) {
      return c.formula(in.At(n, k, y, x));
    });
  }
  ExpectError(
      [] {
        Pointwise(Function::kClip, 2, 1).OutputShape({{1, 1, 1}});
      },
      {"clip", "2", "1"});
  ExpectError([] { Pointwise(Function::kSoftplus).OutputShape({{1, 1, 1}}); }, {"softplus"});
}

// The element of input k that meets output (c, y, x).
double Broadcast(const Inputs& in, int k, int n, int c, int y, int x) {
  const at::Tensor& t = in.tensors[static_cast<size_t>(k)];
  return in.At(k, n, t.size(1) == 1 ? 0 : c, t.size(2) == 1 ? 0 : y, t.size(3) == 1 ? 0 : x);
}

TEST(Elementwise, WidensInputsOfSizeOne) {
  const std::vector<std::vector<Shape>> all = {{{4, 3, 5}, {4, 3, 5}},
                                               {{4, 3, 5}, {4, 1, 1}},
                                               {{1, 3, 5}, {4, 3, 5}, {4, 3, 1}},
                                               {{4, 1, 1}, {1, 3, 5}},
                                               {{4, 1, 5}, {4, 3, 1}}};
  for (const std::vector<Shape>& shapes : all) {
    const auto count = static_cast<int>(shapes.size());
    ExpectValues(Product{}, shapes, {4, 3, 5}, [&](const Inputs& in, int n, int c, int y, int x) {
      double product = 1;
      for (int k = 0; k < count; ++k) product *= Broadcast(in, k, n, c, y, x);
      return product;
    });
    Sum sum;
    sum.coefficients = {0.5f, -2, 3};
    sum.coefficients.resize(shapes.size());
    for (const bool weighted : {false, true}) {
      ExpectValues(weighted ? sum : Sum{}, shapes, {4, 3, 5},
                   [&](const Inputs& in, int n, int c, int y, int x) {
                     double total = 0;
                     for (int k = 0; k < count; ++k) {
                       const float factor =
                           weighted ? sum.coefficients[static_cast<size_t>(k)] : 1.0f;
                       total += static_cast<double>(factor) * Broadcast(in, k, n, c, y, x);
                     }
                     return total;
                   });
    }
    for (const bool maximum : {false, true}) {
      ExpectValues(Extremum(maximum), shapes, {4, 3, 5},
                   [&](const Inputs& in, int n, int c, int y, int x) {
                     double best = Broadcast(in, 0, n, c, y, x);
                     for (int k = 1; k < count; ++k) {
                       const double value = Broadcast(in, k, n, c, y, x);
                       best = maximum ? std::max(best, value) : std::min(best, value);
                     }
                     return best;
                   });
    }
  }
  ExpectError([] { Product{}.OutputShape({{4, 3, 5}, {2, 3, 5}}); }, {"4 x 3 x 5", "2 x 3 x 5"});
  ExpectError([] { Sum{}.OutputShape({{4, 3, 5}, {4, 2, 1}}); }, {"4 x 3 x 5", "4 x 2 x 1"});
}

// Mean and variance of the chosen elements.
struct Moments {
  double mean = 0, variance = 0;
};
Moments MomentsOf(const std::vector<double>& values) {
  Moments m;
  for (double v : values) m.mean += v / static_cast<double>(values.size());
  for (double v : values) {
    m.variance += (v - m.mean) * (v - m.mean) / static_cast<double>(values.size());
  }
  return m;
}

TEST(ChannelNorm, NormalisesTheChannelsOfAPosition) {
  ChannelNorm norm;
  norm.epsilon = 0.01f;
  for (const bool weighted : {false, true}) {
    if (weighted) {
      norm.scale = at::arange(6, at::kFloat) + 1;
      norm.shift = at::arange(6, at::kFloat) * 0.5;
    }
    ExpectValues(norm, {{6, 3, 2}}, {6, 3, 2}, [&](const Inputs& in, int n, int c, int y, int x) {
      std::vector<double> values;
      for (int k = 0; k < 6; ++k) values.push_back(in.At(n, k, y, x));
      const Moments m = MomentsOf(values);
      const double value = (in.At(n, c, y, x) - m.mean) / std::sqrt(m.variance + 0.01);
      return weighted ? value * (c + 1) + c * 0.5 : value;
    });
  }
  norm.scale = at::rand({5});
  ExpectError([&] { norm.OutputShape({{6, 3, 2}}); }, {"scale", "6", "5"});
}

TEST(GroupNorm, NormalisesGroupsOverAllPositions) {
  for (const int groups : {1, 2, 6}) {
    GroupNorm norm;
    norm.groups = groups;
    norm.epsilon = 0.01f;
    norm.scale = at::arange(6, at::kFloat) + 1;
    norm.shift = at::arange(6, at::kFloat) * 0.5;
    ExpectValues(norm, {{6, 3, 2}}, {6, 3, 2}, [&](const Inputs& in, int n, int c, int y, int x) {
      const int size = 6 / groups;
      std::vector<double> values;
      for (int k = c / size * size; k < (c / size + 1) * size; ++k) {
        for (int py = 0; py < 3; ++py) {
          for (int px = 0; px < 2; ++px) values.push_back(in.At(n, k, py, px));
        }
      }
      const Moments m = MomentsOf(values);
      return (in.At(n, c, y, x) - m.mean) / std::sqrt(m.variance + 0.01) * (c + 1) + c * 0.5;
    });
  }
  GroupNorm norm;
  norm.groups = 4;
  ExpectError([&] { norm.OutputShape({{6, 3, 2}}); }, {"groups that divide 6", "4"});
}

TEST(ChannelSelection, PicksChannels) {
  ChannelSelection slice, shuffle;
  slice.channels = {1, 2, 3};
  shuffle.channels = {4, 0, 4, 2};
  for (const ChannelSelection& selection : {slice, shuffle}) {
    const auto count = static_cast<int>(selection.channels.size());
    ExpectValues(selection, {{5, 2, 3}}, {count, 2, 3},
                 [&](const Inputs& in, int n, int c, int y, int x) {
                   return in.At(n, selection.channels[static_cast<size_t>(c)], y, x);
                 });
  }
  shuffle.channels.push_back(5);
  ExpectError([&] { shuffle.OutputShape({{5, 2, 3}}); }, {"0 to 4", "5"});
  ExpectError([] { ChannelSelection{}.OutputShape({{5, 2, 3}}); }, {"found none"});
}

TEST(Crop, TakesPositionsInSteps) {
  Crop crop;
  crop.start = {1, 2};
  crop.step = {3, 1};
  crop.size = {2, 4};
  ExpectValues(crop, {{2, 5, 7}}, {2, 2, 4}, [](const Inputs& in, int n, int c, int y, int x) {
    return in.At(n, c, 1 + 3 * y, 2 + x);
  });
  ExpectError([&] { crop.OutputShape({{2, 4, 7}}); }, {"along y", "4", "2 from 1 in steps of 3"});
  ExpectError([&] { crop.OutputShape({{2, 5, 5}}); }, {"along x"});
}

TEST(Pad, GoesOnAsItsModeSays) {
  for (const auto mode : {Pad::Mode::kConstant, Pad::Mode::kReflect, Pad::Mode::kReplicate}) {
    Pad pad;
    pad.mode = mode;
    pad.padding = {2, 3, 1, 0};
    pad.value = 4.5f;
    ExpectValues(pad, {{2, 3, 4}}, {2, 6, 7}, [&](const Inputs& in, int n, int c, int y, int x) {
      int iy = y - 2, ix = x - 3;
      if (mode == Pad::Mode::kConstant && (iy < 0 || iy > 2 || ix < 0 || ix > 3)) return 4.5;
      if (mode == Pad::Mode::kReflect) {
        // 2 1 | 0 1 2 | 1 and 3 2 1 | 0 1 2 3
        iy = std::vector<int>{2, 1, 0, 1, 2, 1}[static_cast<size_t>(y)];
        ix = std::vector<int>{3, 2, 1, 0, 1, 2, 3}[static_cast<size_t>(x)];
      }
      return in.At(n, c, std::max(0, std::min(2, iy)), std::max(0, std::min(3, ix)));
    });
  }
  Pad pad;
  pad.mode = Pad::Mode::kReflect;
  pad.padding = {0, 0, 3, 0};
  ExpectError([&] { pad.OutputShape({{2, 3, 4}}); }, {"3 x 4", "mirrors"});
  pad.padding = {-1, 0, 0, 0};
  ExpectError([&] { pad.OutputShape({{2, 3, 4}}); }, {"padding of at least 0", "-1"});
}

TEST(PixelShuffle, PutsChannelsBesideEachOther) {
  PixelShuffle shuffle;
  shuffle.factor = 3;
  ExpectValues(shuffle, {{18, 2, 3}}, {2, 6, 9}, [](const Inputs& in, int n, int c, int y, int x) {
    return in.At(n, c * 9 + y % 3 * 3 + x % 3, y / 3, x / 3);
  });
  PixelUnshuffle back;
  back.factor = 3;
  ExpectValues(back, {{2, 6, 9}}, {18, 2, 3}, [](const Inputs& in, int n, int c, int y, int x) {
    return in.At(n, c / 9, y * 3 + c % 9 / 3, x * 3 + c % 3);
  });
  ExpectError([&] { shuffle.OutputShape({{10, 2, 3}}); }, {"divides 10", "3"});
  ExpectError([&] { back.OutputShape({{2, 6, 8}}); }, {"divides 6 x 8", "3"});
}

TEST(ChannelReduction, IsOverTheChannelsOfAPosition) {
  using Method = ChannelReduction::Method;
  for (const Method method :
       {Method::kMean, Method::kMax, Method::kSum, Method::kMin, Method::kNorm2}) {
    ExpectValues(ChannelReduction(method), {{5, 3, 2}}, {1, 3, 2},
                 [&](const Inputs& in, int n, int, int y, int x) {
                   double sum = 0, squares = 0, most = -1e9, least = 1e9;
                   for (int c = 0; c < 5; ++c) {
                     const double v = in.At(n, c, y, x);
                     sum += v;
                     squares += v * v;
                     most = std::max(most, v);
                     least = std::min(least, v);
                   }
                   switch (method) {
                     case Method::kMean:
                       return sum / 5;
                     case Method::kMax:
                       return most;
                     case Method::kSum:
                       return sum;
                     case Method::kMin:
                       return least;
                     default:
                       return std::sqrt(squares);
                   }
                 });
  }
}

TEST(GlobalPooling, KeepsTheAxisThatItIsNotAlong) {
  for (const bool over_y : {true, false}) {
    for (const bool over_x : {true, false}) {
      if (!over_y && !over_x) continue;
      const Shape output = {2, over_y ? 1 : 3, over_x ? 1 : 4};
      const auto over = [&](bool average) {
        return [&, average](const Inputs& in, int n, int c, int y, int x) {
          double sum = 0, most = -1e9;
          int count = 0;
          for (int py = over_y ? 0 : y; py <= (over_y ? 2 : y); ++py) {
            for (int px = over_x ? 0 : x; px <= (over_x ? 3 : x); ++px, ++count) {
              sum += in.At(n, c, py, px);
              most = std::max(most, in.At(n, c, py, px));
            }
          }
          return average ? sum / count : most;
        };
      };
      ExpectValues(GlobalAveragePooling(over_y, over_x), {{2, 3, 4}}, output, over(true));
      ExpectValues(GlobalMaxPooling(over_y, over_x), {{2, 3, 4}}, output, over(false));
    }
  }
  ExpectError([] { GlobalMaxPooling(false, false).OutputShape({{2, 3, 4}}); }, {"axis"});
}

TEST(Softmax, GivesProbabilitiesOrTheirLogarithms) {
  for (const bool log : {false, true}) {
    ExpectValues(Softmax(log), {{5, 2, 2}}, {5, 2, 2},
                 [&](const Inputs& in, int n, int c, int y, int x) {
                   double total = 0;
                   for (int k = 0; k < 5; ++k) total += std::exp(in.At(n, k, y, x));
                   const double probability = std::exp(in.At(n, c, y, x)) / total;
                   return log ? std::log(probability) : probability;
                 });
  }
}

TEST(Rearrangement, ReadsInOneOrderAndWritesInAnother) {
  Rearrangement kind;
  kind.sizes = {2, 3, 4, 5};
  kind.order = {3, 1, 0, 2};  // (5, 3, 2, 4)
  kind.result = {15, 4, 2};
  ExpectValues(kind, {{6, 4, 5}}, {15, 4, 2}, [](const Inputs& in, int n, int c, int y, int x) {
    const int place = (c * 4 + y) * 2 + x;
    const int d = place / 24, b = place / 8 % 3, a = place / 4 % 2, e = place % 4;
    const int from = ((a * 3 + b) * 4 + e) * 5 + d;
    return in.At(n, from / 20, from / 5 % 4, from % 5);
  });
  ExpectError([&] { kind.OutputShape({{6, 4, 4}}); }, {"sizes of 96", "2 x 3 x 4 x 5"});
  kind.order = {0, 1, 1, 2};
  ExpectError([&] { kind.OutputShape({{6, 4, 5}}); }, {"order of 4 axes", "0, 1, 1, 2"});
  kind.order = {0, 1, 2, 3};
  kind.result = {15, 4, 3};
  ExpectError([&] { kind.OutputShape({{6, 4, 5}}); }, {"result of 120", "15 x 4 x 3"});
}

TEST(TransposedConvolution, AddsAWindowForEachInput) {
  for (const int groups : {1, 2}) {
    for (const bool even : {true, false}) {
      TransposedConvolution t;
      t.units = 4;
      t.groups = groups;
      t.kernel = {3, 2};
      t.stride = {2, 3};
      t.dilation = {2, 1};
      t.padding = even ? Padding{1, 1, 1, 1} : Padding{2, 0, 1, 1};
      t.output_padding = {1, even ? 2 : 5};
      at::manual_seed(3);
      t.weight = at::randn({6, 4 / groups, 3, 2});
      t.bias = at::randn({4});
      const int height = 3 * 2 - t.padding.top - t.padding.bottom + 5 + 1;
      const int width = 4 * 3 - t.padding.left - t.padding.right + 2 + t.output_padding.x;
      const auto weight = t.weight.accessor<float, 4>();
      ExpectValues(t, {{6, 4, 5}}, {4, height, width},
                   [&](const Inputs& in, int n, int c, int y, int x) {
                     const int in_group = 6 / groups, out_group = 4 / groups;
                     double sum = t.bias[c].item<float>();
                     for (int k = 0; k < in_group; ++k) {
                       const int channel = c / out_group * in_group + k;
                       for (int iy = 0; iy < 4; ++iy) {
                         for (int ix = 0; ix < 5; ++ix) {
                           for (int ky = 0; ky < 3; ++ky) {
                             for (int kx = 0; kx < 2; ++kx) {
                               if (iy * 2 - t.padding.top + 2 * ky != y) continue;
                               if (ix * 3 - t.padding.left + kx != x) continue;
                               sum += static_cast<double>(weight[channel][c % out_group][ky][kx]) *
                                      in.At(n, channel, iy, ix);
                             }
                           }
                         }
                       }
                     }
                     return sum;
                   });
    }
  }
  TransposedConvolution t;
  t.units = 2;
  t.padding = {1, 0, 1, 0};
  t.weight = at::rand({3, 2, 1, 1});
  ExpectError([&] { t.OutputShape({{3, 2, 2}}); }, {"1 to", "0 x 2"});
}

// What ONNX says of coordinates and rounding, for one axis.
double Coordinate(const Resize& r, int o, int in, int out, double scale) {
  switch (r.coordinates) {
    case Resize::Coordinates::kHalfPixel:
      return (o + 0.5) / scale - 0.5;
    case Resize::Coordinates::kPytorchHalfPixel:
      return out > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case Resize::Coordinates::kAsymmetric:
      return o / scale;
    default:
      return out > 1 ? o * (in - 1.0) / (out - 1.0) : 0;
  }
}

std::vector<double> WeightsOf(const Resize& r, int o, int in, int out, double scale) {
  std::vector<double> weights(static_cast<size_t>(in), 0.0);
  const double x = Coordinate(r, o, in, out, scale);
  const auto add = [&](double position, double weight) {
    weights[static_cast<size_t>(std::max(0.0, std::min(in - 1.0, position)))] += weight;
  };
  if (r.method == Resize::Method::kNearest) {
    using Rounding = Resize::Rounding;
    // A little off, so that what is halfway or whole is so in spite of rounding.
    const double e = 1e-9;
    add(r.rounding == Rounding::kFloor              ? std::floor(x + e)
        : r.rounding == Rounding::kCeil             ? std::ceil(x - e)
        : r.rounding == Rounding::kRoundPreferFloor ? std::ceil(x - 0.5 - e)
                                                    : std::floor(x + 0.5 + e),
        1);
    return weights;
  }
  const int reach = r.method == Resize::Method::kLinear ? 1 : 2;
  for (int i = static_cast<int>(std::floor(x)) - 2; i <= std::floor(x) + 3; ++i) {
    const double d = std::abs(x - i), a = r.cubic_a;
    if (d >= reach) continue;
    const double keys = d <= 1 ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                               : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
    add(i, reach == 1 ? 1 - d : keys);
  }
  return weights;
}

TEST(Resize, IsTheOperatorOfOnnx) {
  int cases = 0;
  for (int method = 0; method < 3; ++method) {
    for (int coordinates = 0; coordinates < 4; ++coordinates) {
      for (int rounding = 0; rounding < (method == 0 ? 4 : 1); ++rounding) {
        for (const Extent& size :
             {Extent{8, 12}, Extent{7, 3}, Extent{1, 9}, Extent{4, 6}, Extent{2, 13}}) {
          for (const bool scaled : {false, true}) {
            Resize r;
            r.method = static_cast<Resize::Method>(method);
            r.coordinates = static_cast<Resize::Coordinates>(coordinates);
            r.rounding = static_cast<Resize::Rounding>(rounding);
            r.size = size;
            // A scale that gives the size when it is cut to an integer.
            if (scaled) r.scale_x = (static_cast<float>(size.x) + 0.55f) / 6;
            const double scale_y = size.y / 4.0;
            const double scale_x = scaled ? static_cast<double>(r.scale_x) : size.x / 6.0;
            ExpectValues(r, {{1, 4, 6}}, {1, size.y, size.x},
                         [&](const Inputs& in, int n, int c, int y, int x) {
                           const auto rows = WeightsOf(r, y, 4, size.y, scale_y);
                           const auto columns = WeightsOf(r, x, 6, size.x, scale_x);
                           double sum = 0;
                           for (int iy = 0; iy < 4; ++iy) {
                             for (int ix = 0; ix < 6; ++ix) {
                               sum += rows[static_cast<size_t>(iy)] *
                                      columns[static_cast<size_t>(ix)] * in.At(n, c, iy, ix);
                             }
                           }
                           return sum;
                         });
            ++cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(cases, (4 + 1 + 1) * 4 * 5 * 2);
  Resize r;
  r.size = {8, 12};
  r.scale_y = 3;
  ExpectError([&] { r.OutputShape({{1, 4, 6}}); }, {"scale of 8 / 4 along y", "3"});
  r.scale_y = 0;
  r.size.x = 0;
  ExpectError([&] { r.OutputShape({{1, 4, 6}}); }, {"8 x 0"});
}

}  // namespace
}  // namespace netdissect
