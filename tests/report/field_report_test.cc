#include "report/field_report.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "base/scratch.h"
#include "nn/kinds/convolution.h"

namespace netdissect {
namespace {

constexpr int kImage = 40;  // pixels a side

// Map of a square of `size` pixels in a canvas of 31 x 31.
UnitField SquareField(int number, int size) {
  UnitField unit;
  unit.unit = number;
  unit.size = size;
  unit.deviation = 1;
  unit.silent = size == 0;
  unit.map = at::zeros({31, 31});
  if (size > 0) unit.map.narrow(0, 4, size).narrow(1, 6, size).fill_(2.0);
  unit.sizes.assign(kSensitivityThresholds.size(),
                    std::vector<double>(SensitivityCounts(FieldOptions().k).size(), size));
  if (size > 0) unit.images = {{1, 5.5f, 5, 6}, {0, 2.0f, 0, 3}};
  return unit;
}

// Field of 11 pixels, stride 4; the canvas with 10 pixels around it.
LayerFields Layer(const std::string& name, const std::vector<int>& sizes, int theoretical = 11) {
  LayerFields layer;
  layer.name = name;
  layer.theoretical.y = layer.theoretical.x = {-2, theoretical - 3, 4};
  layer.canvas_y = layer.canvas_x = {-12, 18};
  for (size_t i = 0; i < sizes.size(); ++i) {
    layer.units.push_back(SquareField(static_cast<int>(3 * i), sizes[i]));
  }
  return layer;
}

Dataset FieldImages() {
  Dataset set;
  set.images = {{"/x/a.png", "a.png", -1}, {"/x/b.png", "b.png", -1}};
  return set;
}

const ImageSets kImages = {FieldImages()};

TEST(FieldJson, HasTheContractsKeys) {
  FieldOptions options;
  options.k = 2;
  OcclusionOptions occlusion;
  const Json json = ToJson(Layer("conv1", {10, 0, 14}), options, occlusion, kImages);
  EXPECT_EQ(json.at("theoretical_size"), 11);
  EXPECT_DOUBLE_EQ(json.at("mean").get<double>(), 12);
  EXPECT_DOUBLE_EQ(json.at("std").get<double>(), std::sqrt(8.0));
  EXPECT_EQ(json.at("threshold"), 0.17);
  EXPECT_EQ(json.at("stride"), 3);
  EXPECT_EQ(json.at("patch"), 11);
  EXPECT_EQ(json.at("k"), 2);
  EXPECT_EQ(json.at("silent_units"), 1);
  EXPECT_EQ(json.at("map_origin"), (Json{-10, -10}));  // pixels from the field's start
  EXPECT_EQ(json.at("sensitivity").at("k"), (Json{2}));
  EXPECT_EQ(json.at("sensitivity").at("thresholds").size(), kSensitivityThresholds.size());
  EXPECT_DOUBLE_EQ(json.at("sensitivity").at("mean")[3][0].get<double>(), 12);
  ASSERT_EQ(json.at("units").size(), 3u);
  EXPECT_EQ(json.at("units")[2].at("unit"), 6);
  EXPECT_EQ(json.at("units")[2].at("size"), 14);
  EXPECT_NEAR(json.at("units")[0].at("interval")[0].get<double>(), 10 - 1.96, 1e-4);
  EXPECT_NEAR(json.at("units")[0].at("interval")[1].get<double>(), 10 + 1.96, 1e-4);
  EXPECT_TRUE(json.at("units")[1].at("interval").is_null());
  EXPECT_TRUE(json.at("units")[1].at("size").is_null());
  EXPECT_TRUE(json.at("units")[1].at("images").empty());
  EXPECT_EQ(json.at("units")[0].at("images")[0],
            (Json{{"image", "b.png"}, {"value", 5.5}, {"y", 5}, {"x", 6}}));
}

TEST(FieldJson, SaysWhatIsMeasured) {
  FieldOptions drop;
  drop.discrepancy = Discrepancy::kDrop;
  const auto said = [&](const FieldOptions& options, FieldMethod method) {
    return ToJson(Layer("conv1", {10}), options, {}, kImages, method)["discrepancy"];
  };
  EXPECT_EQ(said({}, FieldMethod::kOcclusion), "|occluded - original|");
  EXPECT_EQ(said(drop, FieldMethod::kOcclusion), "max(0, original - occluded)");
  EXPECT_EQ(said({}, FieldMethod::kGradient), "mean over channels of |d activation / d input|");
}

TEST(FieldJson, WhatIsNotANumberIsNull) {
  const Json json =
      Json::parse(ToJson(Layer("conv1", {0, 0}), {}, {}, kImages).dump());  // as in the file
  EXPECT_TRUE(json.at("mean").is_null());
  EXPECT_TRUE(json.at("std").is_null());
}

TEST(FieldJson, FieldsThatAreNotSquareHaveTwoSizes) {
  LayerFields layer = Layer("conv1", {5});
  layer.theoretical.x = {0, 20, 2};
  EXPECT_EQ(ToJson(layer, {}, {}, kImages).at("theoretical_size"), (Json{11, 21}));
}

TEST(FieldTable, HasARowForEachNetwork) {
  const Table table = FieldTable({{"imagenet", {Layer("conv1", {10, 14}), Layer("fc", {0}, 227)}},
                                  {"places", {Layer("conv1", {9}), Layer("fc", {20}, 227)}}});
  EXPECT_EQ(table.header, (std::vector<std::string>{"", "conv1", "fc"}));
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"theoretical", "11", "227"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"imagenet", "12.0 +- 2.8", "-"}));
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"places", "9.0", "20.0"}));
}

TEST(FieldTable, ColumnsGoByTheLayersNames) {
  const Table table = FieldTable({{"a", {Layer("conv1", {10}), Layer("pool5", {12}, 195)}},
                                  {"b", {Layer("conv10", {14}, 200), Layer("conv1", {9})}}});
  EXPECT_EQ(table.header, (std::vector<std::string>{"", "conv1", "pool5", "conv10"}));
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"theoretical", "11", "195", "200"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"a", "10.0", "12.0", "-"}));
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"b", "9.0", "-", "14.0"}));
}

TEST(FieldTable, TheoreticalSizesThatDifferAreSaidForEachNetwork) {
  const Table table =
      FieldTable({{"a", {Layer("conv1", {10}, 11)}}, {"b", {Layer("conv1", {5}, 3)}}});
  EXPECT_EQ(table.rows,
            (std::vector<std::vector<std::string>>{
                {"a, theoretical", "11"}, {"a", "10.0"}, {"b, theoretical", "3"}, {"b", "5.0"}}));
  EXPECT_TRUE(FieldTable({}).rows.empty());
}

// Pixels of a colour: how many of the picture are within 40 of it, the root of the sum of squares.
int CountOf(const cv::Mat& picture, const cv::Vec3b& color) {
  int count = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      count += cv::norm(cv::Vec3i(picture.at<cv::Vec3b>(y, x)) - cv::Vec3i(color)) < 40 ? 1 : 0;
    }
  }
  return count;
}

const cv::Vec3b kOutlineRed(0, 0, 255);

// A red picture in the network's order.
at::Tensor RedPixels(ChannelOrder order) {
  at::Tensor pixels = at::zeros({3, kImage, kImage});
  pixels[order == ChannelOrder::kRgb ? 0 : 2].fill_(255);
  return pixels;
}

TEST(DrawField, ShowsMapAndPatchesInEitherOrder) {
  const LayerFields layer = Layer("conv1", {12});
  for (const ChannelOrder order : {ChannelOrder::kBgr, ChannelOrder::kRgb}) {
    std::vector<int64_t> asked;
    const cv::Mat picture = DrawField(
        layer, layer.units[0], {},
        [&](int64_t image) {
          asked.push_back(image);
          return RedPixels(order);
        },
        order);
    EXPECT_EQ(asked, (std::vector<int64_t>{1, 0}));
    EXPECT_EQ(picture.type(), CV_8UC3);
    EXPECT_GT(picture.cols, 279);  // the map, enlarged 9 times, and a frame
    EXPECT_GT(picture.rows, 279 + 96);
    EXPECT_LT(picture.rows, 700);
    EXPECT_GT(CountOf(picture, kOutlineRed),
              96 * 96);  // of two patches, one of them cut off at a border
  }
}

TEST(DrawField, OfASilentUnitSaysSo) {
  const LayerFields layer = Layer("conv1", {0});
  const cv::Mat picture = DrawField(
      layer, layer.units[0], {}, [](int64_t) -> at::Tensor { throw Error("not asked for"); },
      ChannelOrder::kBgr);
  EXPECT_GT(picture.cols, 96);
  EXPECT_GT(picture.rows, 96);
}

TEST(DrawField, OfPatchesOutsideTheImageAndOfOneImage) {
  LayerFields layer = Layer("conv1", {12});
  layer.units[0].images = {{0, 1, 0, 0}};
  layer.canvas_y = layer.canvas_x = {-200, -170};
  const cv::Mat picture = DrawField(
      layer, layer.units[0], {}, [](int64_t) { return RedPixels(ChannelOrder::kBgr); },
      ChannelOrder::kBgr);
  EXPECT_EQ(CountOf(picture, kOutlineRed), 0);
}

TEST(DrawPipeline, HasARowForEachImage) {
  Network network({3, kImage, kImage});
  Convolution c;
  c.units = 1;
  c.kernel = {11, 11};
  c.stride = {4, 4};
  c.padding = {2, 2, 2, 2};
  c.weight = at::ones({1, 3, 11, 11});
  const int index = network.Add("conv1", c, {0});
  InputFormat format;
  format.height = format.width = kImage;
  const Model model{"net", network, format, {}, ""};
  const OccluderSet occluders(format, {});
  const auto engine = MakeReferenceEngine(network, occluders);
  LayerFields layer = Layer("conv1", {12});
  const auto draw = [&] {
    return DrawPipeline(model, *engine, occluders, index, layer, layer.units[0], {},
                        [](int64_t) { return RedPixels(ChannelOrder::kBgr); });
  };
  const cv::Mat two = draw();
  EXPECT_GT(CountOf(two, kOutlineRed), 2 * kImage * kImage);
  layer.units[0].images.resize(1);
  const cv::Mat one = draw();
  EXPECT_GT(CountOf(one, kOutlineRed), kImage * kImage);
  EXPECT_LT(CountOf(one, kOutlineRed), CountOf(two, kOutlineRed));
  layer.units[0] = SquareField(0, 0);
  EXPECT_FALSE(draw().empty());
}

TEST(DrawDiscrepancy, ShowsPictureMapAndBoth) {
  const cv::Mat picture(kImage, kImage, CV_8UC3, cv::Scalar(0, 0, 255));
  at::Tensor map = at::zeros({kImage, kImage});
  map.narrow(0, 10, 10).narrow(1, 10, 10).fill_(1);
  const cv::Mat drawn = DrawDiscrepancy(picture, map, "unit 3", {-5, 20}, {10, 60});
  EXPECT_GE(drawn.cols, 3 * kImage);
  EXPECT_GT(drawn.rows, kImage);
  EXPECT_GT(CountOf(drawn, kOutlineRed), kImage * kImage / 2);
  EXPECT_EQ(
      cv::norm(picture, cv::Mat(kImage, kImage, CV_8UC3, cv::Scalar(0, 0, 255)), cv::NORM_INF),
      0);  // the given picture is not drawn on
}

}  // namespace
}  // namespace netdissect
