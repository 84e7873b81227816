// Measured receptive fields of networks whose true ones are known.

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "netdissect/probe/incremental.h"
#include "netdissect/probe/receptive_field.h"
#include "probe/box_network.h"
#include "probe/fields_with_maps.h"

namespace netdissect {
namespace {

constexpr int kPatch = 11, kStride = 3;
constexpr double kThreshold = 0.17;

struct BoxCase {
  std::string name;
  int image;  // pixels a side
  std::vector<BoxStage> stages;
  int box;                                  // pixels a side of what a unit inside the image sums
  std::vector<std::pair<int, int>> places;  // (y, x) of the top images' maxima
};

void PrintTo(const BoxCase& c, std::ostream* out) { *out << c.name; }

// From an image of pixels and the occluders to the averaged map, by the definition: plain loops,
// and the unit's weights instead of its network.
struct Definition {
  const BoxNetwork& box;
  const OccluderSet& occluders;
  ReceptiveField field;
  int size;

  // Discrepancy map in pixels on one image, with the unit at (y, x).
  std::vector<double> PixelDiscrepancy(const at::Tensor& image, int y, int x) const {
    const std::vector<double> wy = box.Weights(y), wx = box.Weights(x);
    const auto pixels = image.accessor<float, 3>();
    std::vector<double> sum(static_cast<size_t>(size * size), 0), count = sum;
    for (int r = 0; r + kPatch <= size; r += kStride) {
      for (int c = 0; c + kPatch <= size; c += kStride) {
        const at::Tensor patch =
            occluders.patches()[int64_t{r / kStride} * occluders.columns() + c / kStride];
        const auto fill = patch.accessor<float, 3>();
        double change = 0;
        for (int i = 0; i < kPatch; ++i) {
          for (int j = 0; j < kPatch; ++j) {
            const double weight = wy[static_cast<size_t>(r + i)] * wx[static_cast<size_t>(c + j)];
            if (weight == 0) continue;
            for (int channel = 0; channel < 3; ++channel) {
              change += weight * (static_cast<double>(fill[channel][i][j]) -
                                  static_cast<double>(pixels[channel][r + i][c + j]));
            }
          }
        }
        for (int i = 0; i < kPatch; ++i) {
          for (int j = 0; j < kPatch; ++j) {
            sum[static_cast<size_t>((r + i) * size + c + j)] += std::abs(change);
            count[static_cast<size_t>((r + i) * size + c + j)] += 1;
          }
        }
      }
    }
    for (size_t i = 0; i < sum.size(); ++i) sum[i] /= std::max(count[i], 1.0);
    return sum;
  }

  // Their mean on the canvas: the theoretical field and a patch less one around it.
  at::Tensor Map(const std::vector<at::Tensor>& images,
                 const std::vector<std::pair<int, int>>& places) const {
    const auto height = static_cast<int>(field.y.size()) + 2 * (kPatch - 1);
    const auto width = static_cast<int>(field.x.size()) + 2 * (kPatch - 1);
    at::Tensor sum = at::zeros({height, width}, at::kDouble), count = at::zeros_like(sum);
    auto sums = sum.accessor<double, 2>(), counts = count.accessor<double, 2>();
    for (size_t k = 0; k < images.size(); ++k) {
      const auto& [y, x] = places[k];
      const std::vector<double> map = PixelDiscrepancy(images[k], y, x);
      for (int i = 0; i < height; ++i) {
        for (int j = 0; j < width; ++j) {
          const auto py = static_cast<int>(field.y.At(y).start) - (kPatch - 1) + i;
          const auto px = static_cast<int>(field.x.At(x).start) - (kPatch - 1) + j;
          if (py < 0 || px < 0 || py >= size || px >= size) continue;
          sums[i][j] += map[static_cast<size_t>(py * size + px)];
          const bool covered = py <= (size - kPatch) / kStride * kStride + kPatch - 1 &&
                               px <= (size - kPatch) / kStride * kStride + kPatch - 1;
          counts[i][j] += covered ? 1 : 0;
        }
      }
    }
    return (sum / count.clamp_min(1)).to(at::kFloat);
  }
};

double SizeOf(const at::Tensor& map) {
  const auto values = map.accessor<float, 2>();
  float largest = 0;
  for (int64_t y = 0; y < map.size(0); ++y) {
    for (int64_t x = 0; x < map.size(1); ++x) largest = std::max(largest, values[y][x]);
  }
  int area = 0;
  for (int64_t y = 0; y < map.size(0); ++y) {
    for (int64_t x = 0; x < map.size(1); ++x) {
      area += static_cast<double>(values[y][x]) > kThreshold * static_cast<double>(largest) ? 1 : 0;
    }
  }
  return std::sqrt(area);
}

// The size that a box of n pixels has far from borders were the grid of occluders infinitely fine.
// The overlap of patch and box, averaged over the patches that cover a pixel, is the box blurred by
// a triangle of half-width `patch`; in two dimensions it is the product of two such profiles.
double ContinuousSize(double n) {
  constexpr double kStep = 0.02;
  // Integral of the triangle from -patch to t.
  const auto triangle = [](double t) {
    const double u = std::clamp(t / kPatch, -1.0, 1.0);
    return u < 0 ? 0.5 * (1 + u) * (1 + u) : 1 - 0.5 * (1 - u) * (1 - u);
  };
  const auto profile = [&](double t) { return triangle(t + n / 2) - triangle(t - n / 2); };
  // One quadrant, a column at a time: how far the other profile may fall.
  const double top = profile(0), end = n / 2 + kPatch;
  double area = 0;
  for (double x = kStep / 2; x < end; x += kStep) {
    const double needed = kThreshold * top * top / profile(x);
    double low = 0, high = end;
    if (needed >= top) continue;
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      (profile(middle) > needed ? low : high) = middle;
    }
    area += low * kStep;
  }
  return 2 * std::sqrt(area);
}

UnitField Measure(const BoxNetwork& box, const OccluderSet& occluders, OcclusionEngine& engine,
                  const std::vector<at::Tensor>& images,
                  const std::vector<std::pair<int, int>>& places) {
  FieldRequest request{"box", box.layer(), {{0, {}}}};
  for (size_t k = 0; k < images.size(); ++k) {
    request.units[0].top.push_back(
        {static_cast<int64_t>(k), 1.0f, places[k].first, places[k].second});
  }
  FieldOptions options;
  options.threshold = kThreshold;
  return MeasureWithMaps(
             box.network(), engine, occluders, {request},
             [&](int64_t image) { return images[static_cast<size_t>(image)]; }, options)
      .front()
      .units.front();
}

InputFormat PlainFormat(int size) {
  InputFormat format;
  format.height = format.width = size;
  return format;
}

class KnownField : public testing::TestWithParam<BoxCase> {
 protected:
  KnownField()
      : c_(GetParam()),
        box_(c_.image, c_.stages),
        field_(TheoreticalFields(box_.network())[static_cast<size_t>(box_.layer())]) {}

  UnitField MeasureAndCompare(const OccluderSet& occluders, OcclusionEngine& engine,
                              const std::vector<at::Tensor>& images) {
    const UnitField measured = Measure(box_, occluders, engine, images, c_.places);
    const Definition definition{box_, occluders, field_, c_.image};
    const at::Tensor expected = definition.Map(images, c_.places);
    EXPECT_FALSE(measured.silent);
    EXPECT_EQ(measured.map.sizes(), expected.sizes());
    const float largest = expected.max().item<float>();
    EXPECT_LE((measured.map - expected).abs().max().item<float>(), 1e-4f * largest);
    EXPECT_NEAR(measured.size, SizeOf(expected), 0.1);
    return measured;
  }

  // First pixel of the box of the unit at `position` along an axis, seen from its field's start.
  int BoxStart(int position) const {
    const std::vector<double> weights = box_.Weights(position);
    int start = 0;
    while (weights[static_cast<size_t>(start)] == 0) ++start;
    return start - static_cast<int>(field_.y.At(position).start);
  }

  const BoxCase& c_;
  BoxNetwork box_;
  ReceptiveField field_;
};

TEST_P(KnownField, IsMeasuredInFlatImages) {
  OcclusionOptions options;
  options.fill = Fill::kColor;
  options.color = {255, 255, 255};
  const OccluderSet occluders(PlainFormat(c_.image), options);
  std::vector<at::Tensor> images;  // flat, but not the same grey
  for (size_t k = 0; k < c_.places.size(); ++k) {
    images.push_back(at::full({3, c_.image, c_.image}, 20.0 + 15.0 * static_cast<double>(k)));
  }
  const auto engine = MakeReferenceEngine(box_.network(), occluders);
  const UnitField measured = MeasureAndCompare(occluders, *engine, images);

  // The grid is 3 pixels coarse, so on one image a side of the field is found to within 1.5 pixels;
  // over several positions of the grid the errors of the sides cancel in part.
  EXPECT_NEAR(measured.size, ContinuousSize(c_.box), 1);
  // On its axes the field reaches 11 (1 - sqrt(2 x 0.17)) = 4.59 pixels beyond a box of two patches
  // or more; its corners are round, and those of the box are inside (0.5 x 0.5 > 0.17).
  if (c_.box >= 2 * kPatch) {
    EXPECT_GT(measured.size, c_.box);
    EXPECT_LT(measured.size, c_.box + 2 * 4.59 + 1.5);
  }

  // It is where the box is, not only as large.
  const at::Tensor mask = measured.map.gt(kThreshold * measured.map.max().item<double>());
  const at::Tensor rows = mask.any(1).nonzero(), columns = mask.any(0).nonzero();
  const int interior = c_.places.front().first;
  const double centre = kPatch - 1 + BoxStart(interior) + 0.5 * (c_.box - 1);
  for (const at::Tensor& hit : {rows, columns}) {
    EXPECT_NEAR(0.5 * static_cast<double>(hit.min().item<int64_t>() + hit.max().item<int64_t>()),
                centre, 1.5);
  }
}

TEST_P(KnownField, IsMeasuredInTexturesUnderNoise) {
  const OccluderSet occluders(PlainFormat(c_.image), {});
  std::vector<at::Tensor> images;
  for (size_t k = 0; k < c_.places.size(); ++k) {
    at::manual_seed(k + 1);
    images.push_back(at::rand({3, c_.image, c_.image}) * 100);  // 78 darker than the noise's mean
  }
  const auto engine = MakeIncrementalEngine(box_.network(), occluders);
  const UnitField measured = MeasureAndCompare(occluders, *engine, images);
  // The change is the overlap's share of the difference of the means, and noise.
  EXPECT_NEAR(measured.size, ContinuousSize(c_.box), 1.5);
}

// Kernels and paddings that move the box about in a larger theoretical field. Positions: inside the
// image first, then borders and corners of the map.
const BoxCase kCases[] = {
    {"Pixel", 61, {{11, 4, 0, 1, 5}}, 1, {{6, 6}, {5, 7}, {7, 4}}},
    {"Box4", 61, {{11, 4, 0, 4, 3}}, 4, {{6, 6}, {5, 7}, {7, 5}}},
    {"Box11", 61, {{21, 5, 4, 11, 6}}, 11, {{4, 5}, {5, 4}, {0, 0}, {9, 9}, {0, 9}}},
    {"Box24", 75, {{37, 3, 0, 24, 9}}, 24, {{6, 5}, {5, 6}, {7, 7}, {6, 8}}},
    // 4 x 2 x 3, as conv1, pool1 and conv2 are: strides 4 and 2.
    {"Conv1Pool1Conv2",
     83,
     {{11, 4, 0, 4, 3}, {2, 2, 0, 2, 0, true}, {5, 1, 2, 3, 1}},
     24,
     {{4, 4}, {3, 5}, {5, 4}, {0, 4}, {8, 8}}},
    // 4 x 2 x 2 x 3 at stride 16, with deltas between: conv1 ... conv3.
    {"Conv1ToConv3",
     131,
     {{11, 4, 0, 4, 3}, {3, 2, 0, 2, 0}, {5, 1, 2, 1, 2}, {3, 2, 0, 2, 0}, {3, 1, 1, 3, 0}},
     48,
     {{3, 3}, {3, 2}}},
    // Far off the centre of its theoretical field, and cut off at the last row.
    {"OffCentre",
     75,
     {{9, 2, 0, 2, 0}, {7, 1, 3, 7, 0}},
     14,
     {{16, 16}, {15, 17}, {18, 14}, {33, 0}}},
};

INSTANTIATE_TEST_SUITE_P(Geometries, KnownField, testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

TEST(KnownFields, GrowWithTheBox) {
  // 4 m pixels at stride 4, m = 1 ... 12.
  OcclusionOptions options;
  options.fill = Fill::kColor;
  options.color = {255, 255, 255};
  const OccluderSet occluders(PlainFormat(87), options);
  const at::Tensor image = at::full({3, 87, 87}, 60.0);
  double last = 0;
  for (int m = 1; m <= 12; m += 2) {
    const BoxNetwork box(87, {{4, 4, 0, 4, 0}, {m, 1, 0, m, 0}});
    const int middle = (21 - m) / 2;
    const auto engine = MakeReferenceEngine(box.network(), occluders);
    const double size =
        Measure(box, occluders, *engine, {image, image, image},
                {{middle, middle}, {middle + 1, middle - 1}, {middle - 1, middle + 1}})
            .size;
    EXPECT_NEAR(size, ContinuousSize(4 * m), 1) << "box of " << 4 * m;
    EXPECT_GT(size, last + 2);  // of 8 pixels more; smaller boxes drown in the patch
    if (4 * (m - 2) > 2 * kPatch) {
      EXPECT_NEAR(size - last, 8, 1);
    }
    last = size;
  }
}

}  // namespace
}  // namespace netdissect
