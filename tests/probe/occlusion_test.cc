#include "netdissect/probe/occlusion.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/scratch.h"
#include "nn/random_network.h"

namespace netdissect {
namespace {

InputFormat Format(int height, int width) {
  InputFormat format;
  format.height = height;
  format.width = width;
  return format;
}

OcclusionOptions Options(int patch, int stride, Fill fill = Fill::kNoise, uint64_t seed = 0) {
  OcclusionOptions options;
  options.patch = patch;
  options.stride = stride;
  options.fill = fill;
  options.seed = seed;
  return options;
}

at::Tensor PatchAt(const OccluderSet& set, int row, int column) {
  return set.patches()[int64_t{row} * set.columns() + column];
}

TEST(OccluderSet, GridsOfThePaper) {
  const OccluderSet alexnet(Format(227, 227), {});
  EXPECT_EQ(alexnet.rows(), 73);
  EXPECT_EQ(alexnet.columns(), 73);
  EXPECT_EQ(alexnet.patches().sizes(), at::IntArrayRef({5329, 3, 11, 11}));
  const OccluderSet vgg(Format(224, 224), Options(11, 3, Fill::kMean));
  EXPECT_EQ(vgg.rows(), 72);
  EXPECT_EQ(vgg.columns(), 72);
}

TEST(OccluderSet, HoldsEveryPatchThatFits) {
  for (int height : {11, 12, 20, 33}) {
    for (int patch : {1, 3, 10, 11}) {
      for (int stride : {1, 2, 5, 40}) {
        const OccluderSet set(Format(height, height + 6), Options(patch, stride, Fill::kMean));
        const auto count = [&](int size) {
          int fitting = 0;
          for (int start = 0; start + patch <= size; start += stride) ++fitting;
          return fitting;
        };
        EXPECT_EQ(set.rows(), count(height));
        EXPECT_EQ(set.columns(), count(height + 6));
      }
    }
  }
}

TEST(OccluderSet, MeetingIsThatOfEveryPixel) {
  for (const auto& [patch, stride] : {std::pair{11, 3}, {5, 5}, {3, 7}, {1, 1}, {4, 1}}) {
    const OccluderSet set(Format(40, 40), Options(patch, stride, Fill::kMean));
    for (int start = -30; start < 60; ++start) {
      for (int end = start; end < std::min(start + 45, 75); ++end) {
        std::vector<int> meeting;
        for (int r = 0; r < set.rows(); ++r) {
          bool meets = false;
          for (int pixel = r * stride; pixel < r * stride + patch; ++pixel) {
            meets = meets || (pixel >= start && pixel <= end);
          }
          if (meets) meeting.push_back(r);
        }
        const Interval found = set.Meeting({start, end}, set.rows());
        ASSERT_EQ(std::max<int64_t>(found.size(), 0), static_cast<int64_t>(meeting.size()))
            << start << " to " << end << ", patch " << patch << ", stride " << stride;
        if (meeting.empty()) continue;
        EXPECT_EQ(found.start, meeting.front());
        EXPECT_EQ(found.end, meeting.back());
      }
    }
  }
}

TEST(OccluderSet, NoiseDependsOnSeedAndPositionAlone) {
  // The same pixel position on images and grids of other sizes.
  const OccluderSet a(Format(40, 40), Options(5, 3, Fill::kNoise, 7));
  const OccluderSet b(Format(60, 50), Options(5, 2, Fill::kNoise, 7));
  EXPECT_TRUE(PatchAt(a, 4, 2).equal(PatchAt(b, 6, 3)));
  EXPECT_FALSE(PatchAt(a, 4, 2).equal(PatchAt(b, 3, 6)));
  EXPECT_FALSE(PatchAt(a, 0, 1).equal(PatchAt(a, 1, 0)));
  const OccluderSet other(Format(40, 40), Options(5, 3, Fill::kNoise, 8));
  EXPECT_FALSE(PatchAt(a, 4, 2).equal(PatchAt(other, 4, 2)));
  const OccluderSet again(Format(40, 40), Options(5, 3, Fill::kNoise, 7));
  EXPECT_TRUE(a.patches().equal(again.patches()));
}

TEST(OccluderSet, NoiseIsUniformOverThePixelsRange) {
  const OccluderSet set(Format(120, 120), {});
  const at::Tensor& values = set.patches();
  EXPECT_GE(values.min().item<float>(), 0);
  EXPECT_LE(values.max().item<float>(), 255);
  // Of n independent values, each share has a deviation of sqrt(p (1 - p) / n): six of them.
  const auto count = static_cast<double>(values.numel());
  for (int tenth = 1; tenth < 10; ++tenth) {
    const double share = values.lt(25.5 * tenth).sum().item<double>() / count, p = tenth / 10.0;
    EXPECT_NEAR(share, p, 6 * std::sqrt(p * (1 - p) / count));
  }
  // Neighbours are not alike, nor are channels.
  const at::Tensor centred = values - values.mean();
  const double variance = (centred * centred).mean().item<double>();
  const double along = (centred.narrow(3, 0, 10) * centred.narrow(3, 1, 10)).mean().item<double>();
  const double across = (centred.select(1, 0) * centred.select(1, 2)).mean().item<double>();
  EXPECT_LT(std::abs(along), 0.02 * variance);
  EXPECT_LT(std::abs(across), 0.02 * variance);
}

TEST(OccluderSet, MeanFillIsZeroOnceItIsPreprocessed) {
  InputFormat format = Format(30, 30);
  format.mean = {104, 117, 123};
  format.scale = {0.5f, 2.0f, 0.1f};
  EXPECT_EQ(OccluderSet(format, Options(7, 2, Fill::kMean)).patches().abs().max().item<float>(), 0);
  format.mean_image = at::rand({3, 30, 30}) * 255;
  EXPECT_EQ(OccluderSet(format, Options(7, 2, Fill::kMean)).patches().abs().max().item<float>(), 0);
}

TEST(OccluderSet, ColourIsPreprocessedAsAnImageOfThatColourIs) {
  OcclusionOptions options = Options(7, 3, Fill::kColor);
  options.color = {200, 40, 10};                                    // red, green, blue
  const cv::Mat picture(30, 36, CV_8UC3, cv::Scalar(10, 40, 200));  // blue, green, red
  for (const ChannelOrder order : {ChannelOrder::kBgr, ChannelOrder::kRgb}) {
    for (const bool mean_image : {false, true}) {
      InputFormat format = Format(30, 36);
      format.order = order;
      format.mean = {104, 117, 123};
      format.scale = {0.5f, 2.0f, 0.1f};
      if (mean_image) format.mean_image = at::rand({3, 30, 36}) * 255;
      const OccluderSet set(format, options);
      const at::Tensor image = Preprocess(picture, format);
      for (int r = 0; r < set.rows(); ++r) {
        for (int c = 0; c < set.columns(); ++c) {
          const at::Tensor expected = image.narrow(1, r * 3, 7).narrow(2, c * 3, 7);
          EXPECT_TRUE(PatchAt(set, r, c).equal(expected)) << r << ", " << c;
        }
      }
    }
  }
}

TEST(OccluderSet, NoiseIsPreprocessed) {
  InputFormat plain = Format(30, 36), format = plain;
  format.mean_image = at::rand({3, 30, 36}) * 255;
  format.scale = {0.5f, 2.0f, 0.1f};
  const OccluderSet raw(plain, Options(7, 4)), set(format, Options(7, 4));
  for (int r = 0; r < set.rows(); ++r) {
    for (int c = 0; c < set.columns(); ++c) {
      const at::Tensor mean = format.mean_image.narrow(1, r * 4, 7).narrow(2, c * 4, 7);
      const at::Tensor scale = at::tensor({0.5f, 2.0f, 0.1f}).view({3, 1, 1});
      EXPECT_TRUE(PatchAt(set, r, c).allclose((PatchAt(raw, r, c) - mean) * scale));
    }
  }
}

TEST(OccluderSet, ChecksItsOptions) {
  const auto error = [](const OcclusionOptions& options) {
    return ErrorOf([&] { OccluderSet(Format(30, 20), options); });
  };
  EXPECT_TRUE(HasAll(error(Options(0, 3)), {"patch", "1 to 20", "found 0"}));
  EXPECT_TRUE(HasAll(error(Options(21, 3)), {"patch", "found 21"}));
  EXPECT_TRUE(HasAll(error(Options(5, 0)), {"stride", "found 0"}));
  EXPECT_TRUE(HasAll(error(Options(5, -1)), {"stride", "found -1"}));
  OcclusionOptions options = Options(5, 3, Fill::kColor);
  options.color = {0, 256, 0};
  EXPECT_TRUE(HasAll(error(options), {"colour", "256"}));
}

TEST(PixelMap, IsTheMeanOverTheCoveringOccluders) {
  at::manual_seed(3);
  for (const auto& [patch, stride] : {std::pair{11, 3}, {5, 4}, {5, 5}, {2, 5}, {7, 6}, {1, 1}}) {
    const int height = 29, width = 36;  // the grid leaves rows or columns uncovered
    const OccluderSet set(Format(height, width), Options(patch, stride, Fill::kMean));
    const at::Tensor discrepancy = at::rand({set.rows(), set.columns()});
    const at::Tensor map = PixelMap(discrepancy, set, height, width);
    ASSERT_EQ(map.sizes(), at::IntArrayRef({height, width}));
    at::Tensor sum = at::zeros({height, width}, at::kDouble), count = at::zeros_like(sum);
    for (int r = 0; r < set.rows(); ++r) {
      for (int c = 0; c < set.columns(); ++c) {
        const auto covered = [&, step = stride, side = patch](at::Tensor& on) {
          return on.narrow(0, int64_t{r} * step, side).narrow(1, int64_t{c} * step, side);
        };
        covered(sum).add_(discrepancy[r][c].item<double>());
        covered(count).add_(1);
      }
    }
    const at::Tensor expected = (sum / count.clamp_min(1)).to(at::kFloat);
    EXPECT_TRUE(map.allclose(expected, 1e-5, 1e-7)) << patch << "/" << stride;
    EXPECT_EQ(map.masked_select(count.eq(0)).abs().sum().item<float>(), 0);
  }
}

// What an engine has to compute, by one-image forward passes.
at::Tensor ExpectedChange(const Network& network, const OccluderSet& set, const at::Tensor& image,
                          const UnitPosition& unit) {
  const auto activation = [&](const at::Tensor& input) {
    const at::Tensor map = network.Forward(input.unsqueeze(0), {unit.layer})[0];
    return map[0][unit.unit][unit.y][unit.x].item<float>();
  };
  const float original = activation(image);
  at::Tensor change = at::zeros({set.rows(), set.columns()});
  for (int r = 0; r < set.rows(); ++r) {
    for (int c = 0; c < set.columns(); ++c) {
      at::Tensor occluded = image.clone();
      const at::Tensor patch = PatchAt(set, r, c);
      for (int y = 0; y < set.patch(); ++y) {
        for (int x = 0; x < set.patch(); ++x) {
          for (int channel = 0; channel < 3; ++channel) {
            occluded[channel][r * set.stride() + y][c * set.stride() + x] = patch[channel][y][x];
          }
        }
      }
      change[r][c] = activation(occluded) - original;
    }
  }
  return change;
}

struct Case {
  InputFormat format = Format(33, 33);
  Network network;
  OccluderSet set;
  at::Tensor image;
  std::vector<UnitPosition> units;

  explicit Case(uint64_t seed)
      : network(RandomNetwork(seed, 33, 5)), set(Scaled(format), Options(7, 5)) {
    Random random(seed, 4);
    image = at::randn({3, 33, 33});
    for (int i = 0; i < 4; ++i) {
      const int layer =
          1 + static_cast<int>(random.Below(static_cast<uint64_t>(network.size() - 1)));
      const Shape& shape = network.layer(layer).shape;
      const auto below = [&](int n) {
        return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
      };
      units.push_back({layer, below(shape.units), below(shape.height), below(shape.width)});
    }
  }
  static const InputFormat& Scaled(InputFormat& format) {
    format.mean = {128, 128, 128};
    format.scale = {0.01f, 0.01f, 0.01f};
    return format;
  }
};

TEST(ReferenceEngine, IsOneForwardPassForEachOccluder) {
  int changing = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Case c(seed);
    const auto engine = MakeReferenceEngine(c.network, c.set, {7, false});
    const std::vector<OcclusionResponse> responses = engine->Respond(c.image, c.units);
    ASSERT_EQ(responses.size(), c.units.size());
    for (size_t u = 0; u < c.units.size(); ++u) {
      SCOPED_TRACE(fmt::format("network {}, unit {}", seed, u));
      const at::Tensor expected = ExpectedChange(c.network, c.set, c.image, c.units[u]);
      EXPECT_LE((responses[u].change - expected).abs().max().item<float>(), 2e-5);
      changing += expected.abs().max().item<float>() > 0.01 ? 1 : 0;
      const at::Tensor map = c.network.Forward(c.image.unsqueeze(0), {c.units[u].layer})[0];
      EXPECT_NEAR(responses[u].original,
                  map[0][c.units[u].unit][c.units[u].y][c.units[u].x].item<float>(), 1e-5);
    }
  }
  EXPECT_GT(changing, 8);  // of 16; else the test would say little
}

TEST(ReferenceEngine, OutsideTheFieldNothingChanges) {
  int outside = 0;
  for (uint64_t seed = 10; seed < 20; ++seed) {
    const Case c(seed);
    const auto engine = MakeReferenceEngine(c.network, c.set);
    const std::vector<OcclusionResponse> responses = engine->Respond(c.image, c.units);
    const auto everywhere = MakeReferenceEngine(c.network, c.set, {32, true});
    const std::vector<OcclusionResponse> all = everywhere->Respond(c.image, c.units);
    const std::vector<ReceptiveField> fields = TheoreticalFields(c.network);
    int64_t inside = 0;
    for (size_t u = 0; u < c.units.size(); ++u) {
      const UnitPosition& unit = c.units[u];
      EXPECT_LE((responses[u].change - all[u].change).abs().max().item<float>(), 2e-5);
      const Interval y = fields[static_cast<size_t>(unit.layer)].y.At(unit.y);
      const Interval x = fields[static_cast<size_t>(unit.layer)].x.At(unit.x);
      for (int row = 0; row < c.set.rows(); ++row) {
        for (int column = 0; column < c.set.columns(); ++column) {
          const bool meets = row * 5 <= y.end && row * 5 + 6 >= y.start && column * 5 <= x.end &&
                             column * 5 + 6 >= x.start;
          inside += meets ? 1 : 0;
          if (meets) continue;
          ++outside;
          EXPECT_EQ(responses[u].change[row][column].item<float>(), 0);
          EXPECT_EQ(all[u].change[row][column].item<float>(), 0);
        }
      }
    }
    EXPECT_EQ(engine->work().pairs, 4);
    EXPECT_EQ(engine->work().occluders, inside);
    EXPECT_GE(everywhere->work().macs, engine->work().macs);
  }
  EXPECT_GT(outside, 100);  // else the test would say nothing
}

TEST(ReferenceEngine, DoesNotDependOnTheBatchOrTheCompany) {
  const Case c(5);
  const auto together = MakeReferenceEngine(c.network, c.set, {1000, false});
  const auto alone = MakeReferenceEngine(c.network, c.set, {1, false});
  const std::vector<OcclusionResponse> expected = together->Respond(c.image, c.units);
  for (size_t u = 0; u < c.units.size(); ++u) {
    const OcclusionResponse one = alone->Respond(c.image, {c.units[u]}).front();
    EXPECT_LE((one.change - expected[u].change).abs().max().item<float>(), 2e-5);
  }
  EXPECT_TRUE(together->Respond(c.image, {}).empty());
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       MakeReferenceEngine(c.network, c.set, {0, false});
                     }),
                     {"batch", "found 0"}));
}

}  // namespace
}  // namespace netdissect
