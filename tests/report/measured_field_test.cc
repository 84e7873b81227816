#include "report/measured_field.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/file_digests.h"
#include "base/json.h"
#include "base/npy.h"
#include "base/scratch.h"
#include "report/field_report.h"

namespace netdissect {
namespace {

// A field of 11 pixels at stride 4 of an input of 40 x 40; maps widened by 10 on each side.
class MeasuredFieldFiles : public testing::Test {
 protected:
  MeasuredFieldFiles() {
    geometry_.field.y = geometry_.field.x = {-2, 8, 4};
    geometry_.shape = {6, 10, 10};
    geometry_.input_height = geometry_.input_width = 40;
    layer_.name = "fire2/concat";
    layer_.theoretical = geometry_.field;
    layer_.canvas_y = layer_.canvas_x = {-12, 18};
    for (int unit : {1, 4, 5}) {
      UnitField field;
      field.unit = unit;
      field.size = unit == 5 ? 0 : 6 + unit;
      field.silent = unit == 5;
      field.sizes.assign(kSensitivityThresholds.size(), std::vector<double>(5, field.size));
      field.map = at::zeros({31, 31});
      // Below the threshold around what is above it.
      field.map.narrow(0, 9, 9).narrow(1, 8, 12).fill_(0.1);
      field.map.narrow(0, 10, 5).narrow(1, 12, 7).fill_(1);
      layer_.units.push_back(field);
    }
    Write([](Json&) {});
  }

  void Write(const std::function<void(Json&)>& spoil) const {
    Json json = {
        {"netdissect", {{"network", {{"name", "net"}, {"digest", "abc"}}}}},
        {"layers", {{layer_.name, ToJson(layer_, FieldOptions(), OcclusionOptions(), {})}}}};
    spoil(json);
    WriteJson(folder_.path() / "rf.json", json);
    for (const UnitField& unit : layer_.units) {
      WriteNpy(folder_.path() / fmt::format("rf/fire2_concat/unit_{:04}.npy", unit.unit),
               unit.map.sizes().vec(), unit.map.data_ptr<float>());
    }
  }

  MeasuredFields Read() const { return MeasuredFields(folder_.path(), "abc"); }

  const ScratchFolder folder_;
  LayerGeometry geometry_;
  LayerFields layer_;
};

TEST_F(MeasuredFieldFiles, SizesAreTheUnitsOrTheLayersMean) {
  const MeasuredFields fields = Read();
  EXPECT_EQ(fields.SizeOf("fire2/concat", 1), 7);
  EXPECT_EQ(fields.SizeOf("fire2/concat", 4), 10);
  EXPECT_EQ(fields.SizeOf("fire2/concat", 0), 8.5);  // not measured
  EXPECT_EQ(fields.SizeOf("fire2/concat", 5), 8.5);  // silent
  EXPECT_TRUE(fields.Measured("fire2/concat", 4));
  EXPECT_FALSE(fields.Measured("fire2/concat", 5));
}

TEST_F(MeasuredFieldFiles, AFieldLiesWhereItsMapIsAboveTheThreshold) {
  const EmpiricalField field = Read().FieldOf("fire2/concat", geometry_, 4);
  EXPECT_EQ(field.corner, cv::Point(-12, -12));
  const std::vector<Component> parts = ComponentsOf(field.mask);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].box, cv::Rect(12, 10, 7, 5));
  const EmpiricalField square = Read().FieldOf("fire2/concat", geometry_, 0);
  EXPECT_EQ(square.mask.size(), cv::Size(9, 9));
  EXPECT_EQ(square.corner, cv::Point(-1, -1));  // centred at pixel 3
}

TEST_F(MeasuredFieldFiles, MapsAreWhereTheFileSays) {
  Write([](Json& json) { json["layers"]["fire2/concat"]["maps"] = "rf/fire2_concat-2"; });
  std::filesystem::rename(folder_.path() / "rf/fire2_concat", folder_.path() / "rf/fire2_concat-2");
  EXPECT_EQ(Read().FieldOf("fire2/concat", geometry_, 4).corner, cv::Point(-12, -12));
  Write([](Json& json) { json["layers"]["fire2/concat"]["maps"] = "../elsewhere"; });
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read().FieldOf("fire2/concat", geometry_, 4); }),
                     {"fire2/concat", "rf/NAME", "../elsewhere"}));
}

TEST_F(MeasuredFieldFiles, ADamagedMapIsRefused) {
  const Path map = folder_.path() / "rf/fire2_concat/unit_0004.npy";
  Write([&](Json& json) {
    Json& units = json["layers"]["fire2/concat"]["units"];
    for (Json& unit : units) {
      if (unit["unit"] == 4) unit["digest"] = DigestOfFile(map);
    }
  });
  EXPECT_NO_THROW(Read().FieldOf("fire2/concat", geometry_, 4));
  EXPECT_NO_THROW(Read().FieldOf("fire2/concat", geometry_, 1));  // no digest is said of it
  std::string bytes = ReadFile(map);
  bytes[bytes.size() - 3] ^= 1;
  WriteFile(map, bytes);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read().FieldOf("fire2/concat", geometry_, 4); }),
                     {"unit_0004.npy", "digest", "rf.json", "run `rf` again"}));
}

TEST_F(MeasuredFieldFiles, WhatDoesNotFitIsRefused) {
  EXPECT_TRUE(HasAll(ErrorOf([&] { MeasuredFields(folder_.path(), "abd"); }),
                     {"rf.json", "digest abd", "found abc"}));
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { MeasuredFields(folder_.path() / "gone", "abc"); }), {"gone/rf.json"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read().SizeOf("pool5", 0); }),
                     {"rf.json", "rf --layer pool5", "found fire2/concat"}));
  LayerGeometry other = geometry_;
  other.field.x.end += 2;
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read().FieldOf("fire2/concat", other, 1); }),
                     {"unit_0001.npy", "expected the 31 x 33", "found 31 x 31"}));
  Write([](Json& json) { json["layers"]["fire2/concat"].erase("units"); });
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(); }), {"rf.json", "expected receptive fields"}));
  Write([](Json& json) { json["layers"]["fire2/concat"]["mean"] = nullptr; });
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read().SizeOf("fire2/concat", 1); }), {"silent units only"}));
}

}  // namespace
}  // namespace netdissect
