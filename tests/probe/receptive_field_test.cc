// The steps from discrepancies to sizes, with an engine whose answers are written down. The same
// with networks is receptive_field_size_test.cc.

#include "netdissect/probe/receptive_field.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "base/scratch.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/global_pooling.h"
#include "nn/kinds/inner_product.h"
#include "nn/kinds/product.h"

namespace netdissect {
namespace {

constexpr int kImage = 41;            // pixels a side
constexpr int kStart = -2, kEnd = 6;  // field of position 0: 9x9/4, padding 2

// 5 units of 10 x 10 positions; and units that see everything.
Network TestNetwork(int image = kImage, int global_units = 4) {
  Network network({3, image, image});
  Convolution c;
  c.units = 5;
  c.kernel = {9, 9};
  c.stride = {4, 4};
  c.padding = {2, 2, 2, 2};
  c.weight = at::ones({5, 3, 9, 9});
  const int convolution = network.Add("conv", c, {0});
  InnerProduct p;
  p.units = global_units;
  const Shape& shape = network.layer(convolution).shape;
  p.weight = at::ones({global_units, 5 * shape.height * shape.width});
  network.Add("fc", p, {convolution});
  return network;
}

// Occluders of one pixel each, so that a discrepancy map is the discrepancies themselves.
OccluderSet Pixels(int image = kImage) {
  InputFormat format;
  format.height = format.width = image;
  OcclusionOptions options;
  options.patch = options.stride = 1;
  return OccluderSet(format, options);
}

// Says change(image, unit, y, x) for the occluder at pixel (y, x); knows the image by its values.
class ScriptedEngine : public OcclusionEngine {
 public:
  using Change = std::function<double(int image, const UnitPosition& unit, int y, int x)>;
  explicit ScriptedEngine(Change change, int size = kImage)
      : change_(std::move(change)), size_(size) {}

  std::vector<OcclusionResponse> Respond(const at::Tensor& image,
                                         const std::vector<UnitPosition>& units) override {
    const int index = image.flatten()[0].item<int>();
    std::vector<OcclusionResponse> responses;
    for (const UnitPosition& unit : units) {
      asked_[{unit.layer, unit.unit}].push_back(index);
      at::Tensor change = at::zeros({size_, size_});
      auto out = change.accessor<float, 2>();
      for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
          out[y][x] = static_cast<float>(change_(index, unit, y, x));
        }
      }
      responses.push_back({1, change});
    }
    return responses;
  }

  // Images on which a unit (layer, unit) was asked for.
  const std::map<std::pair<int, int>, std::vector<int>>& asked() const { return asked_; }

 private:
  Change change_;
  int size_;
  std::map<std::pair<int, int>, std::vector<int>> asked_;
};

at::Tensor NumberedImage(int64_t index) {
  return at::full({3, kImage, kImage}, static_cast<double>(index));
}

// Something that differs at every pixel (i, j) of a field and is 0 outside of it.
double Pattern(int i, int j) {
  return i < 0 || j < 0 || i > kEnd - kStart || j > kEnd - kStart ? 0 : 1 + 0.1 * i + 0.013 * j;
}

double PatternAt(const UnitPosition& unit, int y, int x) {
  return Pattern(y - kStart - 4 * unit.y, x - kStart - 4 * unit.x);
}

FieldRequest Request(std::vector<FieldRequest::Unit> units) {
  return {"conv", 1, std::move(units)};
}

LayerFields MeasureOne(OcclusionEngine& engine, const FieldRequest& request,
                       const FieldOptions& options = {}) {
  const Network network = TestNetwork();
  return MeasureWithMaps(network, engine, Pixels(), {request}, NumberedImage, options).front();
}

TEST(FieldSize, IsTheRootOfTheAreaAboveTheThreshold) {
  at::Tensor map = at::zeros({20, 30});
  map.narrow(0, 2, 9).narrow(1, 3, 16).fill_(1);    // 144 pixels
  map.narrow(0, 2, 4).narrow(1, 3, 9).fill_(2);     // 36 of them
  map.narrow(0, 13, 5).narrow(1, 1, 5).fill_(0.5);  // 25 others
  EXPECT_DOUBLE_EQ(FieldSize(map, 0.9), 6);
  EXPECT_DOUBLE_EQ(FieldSize(map, 0.5), 6);  // exceeds: a value at the threshold does not
  EXPECT_DOUBLE_EQ(FieldSize(map, 0.499), 12);
  EXPECT_DOUBLE_EQ(FieldSize(map, 0.25), 12);
  EXPECT_DOUBLE_EQ(FieldSize(map, 0.2), 13);
  EXPECT_DOUBLE_EQ(FieldSize(map * 1000, 0.2), 13);  // relative to the maximum
  EXPECT_EQ(FieldSize(at::zeros({4, 4}), 0.17), 0);
  EXPECT_EQ(FieldSize(at::full({4, 4}, std::numeric_limits<float>::quiet_NaN()), 0.17), 0);
}

TEST(DiscrepancyOf, AbsoluteOrDrop) {
  const OcclusionResponse response{3, at::tensor({-2.f, 0.f, 1.5f, -0.25f}).view({2, 2})};
  EXPECT_TRUE(DiscrepancyOf(response, Discrepancy::kAbsolute)
                  .equal(at::tensor({2.f, 0.f, 1.5f, 0.25f}).view({2, 2})));
  EXPECT_TRUE(DiscrepancyOf(response, Discrepancy::kDrop)
                  .equal(at::tensor({2.f, 0.f, 0.f, 0.25f}).view({2, 2})));
}

TEST(LayerFields, MeanAndDeviationAreOfTheUnitsThatAreNotSilent) {
  LayerFields layer;
  EXPECT_TRUE(std::isnan(layer.Mean()));
  const auto add = [&](double size, bool silent) {
    UnitField unit;
    unit.size = size;
    unit.silent = silent;
    layer.units.push_back(unit);
  };
  add(0, true);
  EXPECT_TRUE(std::isnan(layer.Mean()));
  add(10, false);
  EXPECT_DOUBLE_EQ(layer.Mean(), 10);
  EXPECT_TRUE(std::isnan(layer.Deviation()));
  add(14, false);
  EXPECT_DOUBLE_EQ(layer.Mean(), 12);
  EXPECT_DOUBLE_EQ(layer.Deviation(), std::sqrt(8.0));
}

TEST(MeasureFields, MapsOfAllPositionsMeetOnTheCanvas) {
  // The same pattern at every position, corners included, comes out as it is: what is cut off at a
  // border does not count against it.
  ScriptedEngine engine(
      [](int, const UnitPosition& unit, int y, int x) { return -PatternAt(unit, y, x); });
  const std::vector<std::vector<std::pair<int, int>>> sets = {
      {{4, 4}},
      {{3, 7}, {8, 1}, {4, 4}},
      {{0, 0}, {5, 5}},
      {{0, 9}, {9, 0}, {0, 0}, {9, 9}, {5, 4}}};
  for (const auto& places : sets) {
    FieldRequest::Unit unit{2, {}};
    int64_t image = 0;
    for (const auto& [y, x] : places) unit.top.push_back({image++, 1.0f, y, x});
    const LayerFields layer = MeasureOne(engine, Request({unit}));
    EXPECT_EQ(layer.name, "conv");
    EXPECT_EQ(layer.theoretical.y.start, kStart);
    EXPECT_EQ(layer.theoretical.y.end, kEnd);
    EXPECT_EQ(layer.canvas_y.start, kStart);  // not wider, with occluders of one pixel
    EXPECT_EQ(layer.canvas_x.end, kEnd);
    const UnitField& field = layer.units.front();
    EXPECT_EQ(field.unit, 2);
    ASSERT_EQ(field.map.sizes(), at::IntArrayRef({9, 9}));
    for (int i = 0; i < 9; ++i) {
      for (int j = 0; j < 9; ++j) {
        EXPECT_NEAR(field.map[i][j].item<float>(), Pattern(i, j), 1e-6) << i << ", " << j;
      }
    }
    EXPECT_DOUBLE_EQ(field.size, 9);
  }
}

TEST(MeasureFields, EachPixelIsAveragedOverTheImagesInWhichItLiesInside) {
  // Images of different strength: the mean tells which of them took part.
  ScriptedEngine engine([](int image, const UnitPosition& unit, int y, int x) {
    return std::pow(10, image) * PatternAt(unit, y, x);
  });
  const std::vector<std::pair<int, int>> places = {{0, 0}, {9, 9}, {0, 9}, {5, 5}};
  FieldRequest::Unit unit{0, {}};
  for (size_t k = 0; k < places.size(); ++k) {
    unit.top.push_back({static_cast<int64_t>(k), 1.0f, places[k].first, places[k].second});
  }
  const UnitField field = MeasureOne(engine, Request({unit})).units.front();
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 9; ++j) {
      double sum = 0;
      int count = 0;
      for (size_t k = 0; k < places.size(); ++k) {
        const int y = kStart + 4 * places[k].first + i, x = kStart + 4 * places[k].second + j;
        if (y < 0 || x < 0 || y >= kImage || x >= kImage) continue;
        sum += std::pow(10, k) * Pattern(i, j);
        ++count;
      }
      EXPECT_NEAR(field.map[i][j].item<float>(), sum / count, 1e-5 * sum) << i << ", " << j;
    }
  }
}

TEST(MeasureFields, PixelsThatNoOccluderCoversDoNotCount) {
  // 3x3/3 on 41 pixels leaves rows and columns 39 and 40 uncovered. A unit at the last position
  // (pixels 34 to 42) beside one inside: the inner one alone says what is at rows 5 and 6 of the
  // field.
  InputFormat format;
  format.height = format.width = kImage;
  OcclusionOptions options;
  options.patch = options.stride = 3;
  const OccluderSet occluders(format, options);
  ASSERT_EQ(occluders.rows(), 13);
  ScriptedEngine engine([](int, const UnitPosition&, int, int) { return 1; }, 13);
  const Network network = TestNetwork();
  const FieldRequest request = Request({{0, {{0, 1.0f, 4, 4}, {1, 1.0f, 9, 9}}}});
  const LayerFields layer =
      MeasureWithMaps(network, engine, occluders, {request}, NumberedImage).front();
  EXPECT_TRUE(layer.units[0].map.equal(at::ones({9 + 4, 9 + 4})));
}

TEST(MeasureFields, UsesTheFirstKPositiveResponses) {
  ScriptedEngine engine(
      [](int, const UnitPosition& unit, int y, int x) { return PatternAt(unit, y, x); });
  FieldOptions options;
  options.k = 3;
  const FieldRequest request = Request({
      {0, {{7, 9.f, 1, 1}, {3, 8.f, 2, 2}, {5, 7.f, 3, 3}, {1, 6.f, 4, 4}}},
      {1, {{2, 5.f, 1, 1}, {4, 0.f, 2, 2}, {6, -1.f, 3, 3}}},
      {4, {{2, 0.f, 1, 1}, {4, -3.f, 2, 2}}},
      {3, {}},
  });
  const LayerFields layer = MeasureOne(engine, request, options);
  ASSERT_EQ(layer.units.size(), 4u);
  ASSERT_EQ(layer.units[0].images.size(), 3u);
  EXPECT_EQ(layer.units[0].images[0].image, 7);  // as given, highest first
  EXPECT_EQ(layer.units[0].images[2].image, 5);
  EXPECT_EQ(engine.asked().at({1, 0}), (std::vector<int>{3, 5, 7}));  // in the order of the list
  EXPECT_EQ(engine.asked().at({1, 1}), (std::vector<int>{2}));
  EXPECT_FALSE(layer.units[1].silent);
  for (size_t silent : {size_t{2}, size_t{3}}) {
    EXPECT_TRUE(layer.units[silent].silent);
    EXPECT_EQ(layer.units[silent].size, 0);
    EXPECT_TRUE(layer.units[silent].images.empty());
  }
  EXPECT_EQ(engine.asked().count({1, 4}), 0u);
  EXPECT_DOUBLE_EQ(layer.Mean(), 9);
}

TEST(MeasureFields, AUnitThatNothingChangesIsSilent) {
  ScriptedEngine engine([](int, const UnitPosition&, int, int) { return 0; });
  const LayerFields layer = MeasureOne(engine, Request({{0, {{0, 1.f, 4, 4}}}}));
  EXPECT_TRUE(layer.units[0].silent);
  EXPECT_EQ(layer.units[0].size, 0);
  EXPECT_TRUE(std::isnan(layer.Mean()));
}

TEST(MeasureFields, DropLeavesOutWhatRaisesTheActivation) {
  // Upper rows lower the activation, lower rows raise it.
  ScriptedEngine engine([](int, const UnitPosition& unit, int y, int x) {
    const bool upper = y - kStart - 4 * unit.y < 4;
    return PatternAt(unit, y, x) == 0 ? 0 : upper ? -1 : 1;
  });
  const FieldRequest request = Request({{0, {{0, 1.f, 4, 4}, {1, 1.f, 3, 5}}}});
  FieldOptions options;
  EXPECT_DOUBLE_EQ(MeasureOne(engine, request, options).units[0].size, 9);
  options.discrepancy = Discrepancy::kDrop;
  const UnitField drop = MeasureOne(engine, request, options).units[0];
  EXPECT_DOUBLE_EQ(drop.size, 6);  // 4 x 9
  EXPECT_EQ(drop.map.narrow(0, 4, 5).max().item<float>(), 0);
}

TEST(MeasureFields, TheThresholdIsOfTheAveragedMap) {
  ScriptedEngine engine([](int, const UnitPosition& unit, int y, int x) {
    return PatternAt(unit, y, x) == 0 ? 0 : y - kStart - 4 * unit.y == 0 ? 1 : 0.3;
  });
  const FieldRequest request = Request({{0, {{0, 1.f, 4, 4}}}});
  FieldOptions options;
  options.threshold = 0.25;
  EXPECT_DOUBLE_EQ(MeasureOne(engine, request, options).units[0].size, 9);
  options.threshold = 0.35;
  EXPECT_DOUBLE_EQ(MeasureOne(engine, request, options).units[0].size, 3);  // 1 x 9
}

TEST(MeasureFields, SizesAtOtherThresholdsAndCountsAreThoseOfRunsWithThem) {
  // Patterns that differ between images, at places of which some are cut off.
  ScriptedEngine engine([](int image, const UnitPosition& unit, int y, int x) {
    return PatternAt(unit, y, x) == 0 ? 0 : ((y * 7 + x * 3 + image * 5) % 11) / 11.0;
  });
  FieldRequest::Unit unit{0, {}};
  for (int k = 0; k < 13; ++k) unit.top.push_back({(k * 8) % 13, 1.f, k % 10, (3 * k) % 10});
  FieldOptions options;
  options.k = 12;
  const UnitField field = MeasureOne(engine, Request({unit}), options).units[0];
  const std::vector<int> counts = SensitivityCounts(options.k);
  ASSERT_EQ(counts, (std::vector<int>{5, 10, 12}));
  ASSERT_EQ(field.sizes.size(), kSensitivityThresholds.size());
  for (size_t i = 0; i < kSensitivityThresholds.size(); ++i) {
    ASSERT_EQ(field.sizes[i].size(), counts.size());
    for (size_t j = 0; j < counts.size(); ++j) {
      FieldOptions other = options;
      other.threshold = kSensitivityThresholds[i];
      other.k = counts[j];
      EXPECT_EQ(field.sizes[i][j], MeasureOne(engine, Request({unit}), other).units[0].size)
          << i << ", " << j;
    }
  }
}

TEST(MeasureFields, DeviationOfASizeIsThatOfImagesDrawnAgain) {
  // Of two images one shows 4 pixels and the other 64: drawn twice they give 2 and 8, drawn once
  // each 8 (a half exceeds the threshold): sizes 2, 8, 8, 8 with equal chances.
  ScriptedEngine engine([](int image, const UnitPosition& unit, int y, int x) {
    const int i = y - kStart - 4 * unit.y, j = x - kStart - 4 * unit.x, side = image == 0 ? 2 : 8;
    return i >= 0 && j >= 0 && i < side && j < side ? 1 : 0;
  });
  FieldOptions options;
  options.resamples = 4000;
  const FieldRequest request = Request({{0, {{0, 2.f, 4, 4}, {1, 1.f, 3, 5}}}});
  const UnitField field = MeasureOne(engine, request, options).units[0];
  EXPECT_DOUBLE_EQ(field.size, 8);
  EXPECT_NEAR(field.deviation, 6 * std::sqrt(0.25 * 0.75), 0.1);
  EXPECT_EQ(field.deviation, MeasureOne(engine, request, options).units[0].deviation);
  options.seed = 2;
  EXPECT_NE(field.deviation, MeasureOne(engine, request, options).units[0].deviation);
  EXPECT_EQ(MeasureOne(engine, Request({{0, {{1, 1.f, 4, 4}}}}), options).units[0].deviation, 0);
}

TEST(MeasureFields, WhatSeesEverythingHasTheImageAsItsCanvas) {
  ScriptedEngine engine([](int, const UnitPosition& unit, int y, int x) {
    return unit.layer == 2 && y >= 10 && y < 20 && x >= 5 && x < 30 ? 2 : 0;
  });
  const Network network = TestNetwork();
  const FieldRequest request{"fc", 2, {{1, {{0, 1.f, 0, 0}, {2, 1.f, 0, 0}}}}};
  const LayerFields layer =
      MeasureWithMaps(network, engine, Pixels(), {request}, NumberedImage).front();
  const UnitField& field = layer.units.front();
  ASSERT_EQ(field.map.sizes(), at::IntArrayRef({kImage, kImage}));
  EXPECT_EQ(field.map.sum().item<float>(), 2 * 250);
  EXPECT_EQ(field.map[10][5].item<float>(), 2);
  EXPECT_DOUBLE_EQ(field.size, std::sqrt(250.0));
}

TEST(MeasureFields, MapsOfUnitsBehindAGateMeetInTheMiddle) {
  // What the gate lets them see of the rest is faint.
  ScriptedEngine engine(
      [](int, const UnitPosition& unit, int y, int x) { return PatternAt(unit, y, x) + 0.001; });
  Network network = TestNetwork();
  const int gate = network.Add("gate", GlobalAveragePooling{}, {1});
  const int gated = network.Add("gated", Product{}, {1, gate});
  const FieldRequest request{
      "gated", gated, {{1, {{0, 1.f, 3, 7}, {1, 1.f, 8, 1}, {2, 1.f, 4, 4}, {3, 1.f, 9, 0}}}}};
  const LayerFields layer =
      MeasureWithMaps(network, engine, Pixels(), {request}, NumberedImage).front();
  const UnitField& field = layer.units.front();
  // The middle of what all see is pixel 20, that of position 0 alone pixel 2.
  EXPECT_EQ(layer.canvas_y.start, -18);
  EXPECT_EQ(layer.canvas_y.end, kImage - 1 + 18);
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 9; ++j) {
      EXPECT_NEAR(field.map[18 + 16 + i][18 + 16 + j].item<float>(), Pattern(i, j) + 0.001, 1e-6)
          << i << ", " << j;
    }
  }
  EXPECT_DOUBLE_EQ(field.size, 9);
}

TEST(MeasureFields, MemoryBoundsGroupsAndNothingElse) {
  // 100 + 100 units with a canvas of 128 x 128 need 26 MB at once.
  constexpr int kLarge = 128;
  const Network network = TestNetwork(kLarge, 200);
  const OccluderSet occluders = Pixels(kLarge);
  FieldRequest fc{"fc", 2, {}}, conv = Request({});
  for (int u = 0; u < 200; ++u) {
    fc.units.push_back({u, {{u % 3, 2.f, 0, 0}, {3 + u % 2, 1.f, 0, 0}}});
  }
  for (int u = 0; u < 5; ++u) conv.units.push_back({u, {{u % 4, 1.f, 4 + u, 9}}});
  std::multiset<int64_t> read;
  const auto measure = [&](int64_t memory) {
    // One value that tells unit and image apart, cheaply.
    ScriptedEngine engine(
        [](int image, const UnitPosition& unit, int y, int x) {
          return (y + 1) * (unit.unit + 1) % 7 == 0 && x < 50 + image ? 1 + image : 0;
        },
        kLarge);
    FieldOptions options;
    options.memory = memory;
    read.clear();
    return MeasureWithMaps(
        network, engine, occluders, {conv, fc},
        [&](int64_t index) {
          read.insert(index);
          return at::full({3, kLarge, kLarge}, static_cast<double>(index));
        },
        options);
  };
  const std::vector<LayerFields> whole = measure(int64_t{1} << 30);
  EXPECT_EQ(read, (std::multiset<int64_t>{0, 1, 2, 3, 4}));  // each once for all units
  const std::vector<LayerFields> grouped = measure(int64_t{16} << 20);
  EXPECT_GT(read.size(), 5u);
  ASSERT_EQ(grouped.size(), 2u);
  for (size_t l = 0; l < 2; ++l) {
    ASSERT_EQ(grouped[l].units.size(), whole[l].units.size());
    for (size_t u = 0; u < whole[l].units.size(); ++u) {
      EXPECT_EQ(grouped[l].units[u].unit, whole[l].units[u].unit);
      EXPECT_EQ(grouped[l].units[u].size, whole[l].units[u].size);
      EXPECT_TRUE(grouped[l].units[u].map.equal(whole[l].units[u].map));
    }
  }
}

TEST(MeasureFields, NothingAsked) {
  ScriptedEngine engine([](int, const UnitPosition&, int, int) { return 1; });
  const Network network = TestNetwork();
  EXPECT_TRUE(MeasureWithMaps(network, engine, Pixels(), {}, NumberedImage).empty());
  EXPECT_TRUE(MeasureOne(engine, Request({})).units.empty());
}

TEST(FieldOptions, AreChecked) {
  const auto error = [](auto member, auto value) {
    FieldOptions options;
    options.*member = value;
    return ErrorOf([&] { options.Validate(); });
  };
  EXPECT_TRUE(HasAll(error(&FieldOptions::k, 0), {"k", "found 0"}));
  EXPECT_TRUE(HasAll(error(&FieldOptions::threshold, 0.0), {"threshold", "found 0"}));
  EXPECT_TRUE(HasAll(error(&FieldOptions::threshold, 1.0), {"threshold", "found 1"}));
  EXPECT_TRUE(HasAll(error(&FieldOptions::threshold, std::nan("")), {"threshold", "nan"}));
  EXPECT_TRUE(HasAll(error(&FieldOptions::memory, 1000), {"memory", "16 MiB", "1000"}));
}

// Whole grids of many units would not fit in memory, small as their fields are.
TEST(MeasureFields, AsksForNoMoreUnitsAtOnceThanMemoryHolds) {
  constexpr int kSide = 227, kUnits = 100;
  Network network({3, kSide, kSide});
  Convolution c;
  c.units = kUnits;
  c.kernel = {3, 3};
  c.weight = at::ones({kUnits, 3, 3, 3});
  network.Add("conv", c, {0});
  class Counting : public OcclusionEngine {
   public:
    std::vector<OcclusionResponse> Respond(const at::Tensor&,
                                           const std::vector<UnitPosition>& units) override {
      counts.push_back(units.size());
      std::vector<OcclusionResponse> responses;
      for (const UnitPosition& unit : units) {
        at::Tensor change = at::zeros({kSide, kSide});
        change[unit.y][unit.x] = unit.unit + 1;  // tells that each has its own
        responses.push_back({1, std::move(change)});
      }
      return responses;
    }
    std::vector<size_t> counts;
  };
  Counting engine;
  FieldRequest request{"conv", 1, {}};
  for (int unit = 0; unit < kUnits; ++unit) request.units.push_back({unit, {{0, 1, 5, 6}}});
  FieldOptions options;
  options.memory = int64_t{16} << 20;
  const LayerFields layer = MeasureWithMaps(
                                network, engine, Pixels(kSide), {request},
                                [](int64_t) {
                                  return at::zeros({3, kSide, kSide});
                                },
                                options)
                                .front();
  const size_t most = (size_t{16} << 20) / (kSide * kSide * sizeof(float));
  EXPECT_EQ(engine.counts, (std::vector<size_t>{most, kUnits - most}));
  for (const UnitField& unit : layer.units) {
    EXPECT_EQ(unit.map[0][0].item<float>(), static_cast<float>(unit.unit + 1));
  }
}

}  // namespace
}  // namespace netdissect
