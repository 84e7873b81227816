#include "report/field_comparison.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

class Heard : public Observer {
 public:
  void Warning(const std::string& message) override { all += message + "\n"; }
  std::string all;
};

// Sizes of units 0, 1, ...; a silent one where it is 0.
LayerFields Sizes(const std::string& name, const std::vector<double>& sizes) {
  LayerFields layer;
  layer.name = name;
  layer.theoretical.y = layer.theoretical.x = {0, 18, 8};
  for (size_t i = 0; i < sizes.size(); ++i) {
    UnitField& unit = layer.units.emplace_back();
    unit.unit = static_cast<int>(i);
    unit.size = sizes[i];
    unit.silent = sizes[i] == 0;
    unit.sizes.assign(kSensitivityThresholds.size(),
                      std::vector<double>(SensitivityCounts(FieldOptions().k).size(), sizes[i]));
  }
  return layer;
}

TEST(CompareFields, RanksTheUnitsThatBothMeasured) {
  const NetworkFields a{"net", {Sizes("pool1", {10, 20, 30, 0, 50}), Sizes("pool5", {1})}};
  const NetworkFields b{
      "net", {Sizes("pool1", {3, 1, 2, 9}), Sizes("conv9", {5, 6})}, FieldMethod::kGradient};
  const std::vector<FieldAgreement> agreements = CompareFields(a, b);
  ASSERT_EQ(agreements.size(), 1u);
  EXPECT_EQ(agreements[0].name, "pool1");
  EXPECT_EQ(agreements[0].units, 3);  // the fourth is silent in one, the fifth not measured in one
  EXPECT_NEAR(agreements[0].rank_correlation.value(), -0.5, 1e-12);
  EXPECT_EQ(
      ComparisonJson(a, b),
      (Json{{"method", "gradient"},
            {"layers",
             {{"pool1", {{"units", 3}, {"rank_correlation", *agreements[0].rank_correlation}}}}}}));
}

TEST(CompareFields, HasNoValueOfOneUnitOrOfEqualSizes) {
  for (const std::vector<double>& sizes : {std::vector<double>{4}, {4, 4, 4}}) {
    const NetworkFields a{"net", {Sizes("pool1", {1, 2, 3})}};
    const NetworkFields b{"net", {Sizes("pool1", sizes)}, FieldMethod::kGradient};
    EXPECT_FALSE(CompareFields(a, b)[0].rank_correlation.has_value());
    EXPECT_TRUE(ComparisonJson(a, b)["layers"]["pool1"]["rank_correlation"].is_null());
  }
}

TEST(FieldTable, NamesMethodsWhereThereAreGradients) {
  const NetworkFields occlusion{"net", {Sizes("pool1", {10, 20, 30})}};
  const NetworkFields gradient{
      "net", {Sizes("pool1", {5, 6, 7}), Sizes("conv2", {8})}, FieldMethod::kGradient};
  using Rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(FieldTable({occlusion, gradient}).rows,
            (Rows{{"theoretical", "19", "19"},
                  {"net, occlusion", "20.0 +- 10.0", "-"},
                  {"net, gradient", "6.0 +- 1.0", "8.0"},
                  {"net, rank correlation", "1.00 (3 units)", "-"}}));
  EXPECT_EQ(FieldTable({gradient}).rows,
            (Rows{{"theoretical", "19", "19"}, {"net, gradient", "6.0 +- 1.0", "8.0"}}));
  // Of two networks each has its own.
  NetworkFields other = occlusion;
  other.network = "other";
  other.layers[0].theoretical.y.end = other.layers[0].theoretical.x.end = 10;
  EXPECT_EQ(FieldTable({occlusion, gradient, other}).rows,
            (Rows{{"net, theoretical", "19", "19"},
                  {"net, occlusion", "20.0 +- 10.0", "-"},
                  {"net, gradient", "6.0 +- 1.0", "8.0"},
                  {"net, rank correlation", "1.00 (3 units)", "-"},
                  {"other, theoretical", "11", "-"},
                  {"other, occlusion", "20.0 +- 10.0", "-"}}));
}

class OtherFields : public testing::Test {
 protected:
  // What `rf` leaves of pool1 and pool2.
  void Write(const std::string& name, const std::string& digest,
             const std::function<void(Json&)>& change = {}) const {
    Json layers = Json::object();
    const ImageSets none;
    for (const char* layer : {"pool1", "pool2"}) {
      layers[layer] = ToJson(Sizes(layer, {12, 0, 14}), {}, {}, none, FieldMethod::kGradient);
    }
    Json json = {{"netdissect", {{"network", {{"name", "net"}, {"digest", digest}}}}},
                 {"layers", layers}};
    if (change) change(json);
    WriteJson(scratch_.path() / name, json);
  }

  std::optional<NetworkFields> Read(FieldMethod measured = FieldMethod::kOcclusion) {
    return ReadOtherFields(RunFiles(scratch_.path()),
                           {"net", {Sizes("pool1", {1, 2, 3}), Sizes("conv5", {1})}, measured},
                           "abc", FieldOptions().threshold, heard_);
  }

  const ScratchFolder scratch_;
  Heard heard_;
};

TEST_F(OtherFields, AreReadBackOfTheLayersThatWereMeasured) {
  EXPECT_FALSE(Read().has_value());
  Write("rf_gradient.json", "abc");
  const auto other = Read();
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->method, FieldMethod::kGradient);
  ASSERT_EQ(other->layers.size(), 1u);
  EXPECT_EQ(other->layers[0].name, "pool1");
  EXPECT_DOUBLE_EQ(other->layers[0].Mean(), 13);
  EXPECT_TRUE(other->layers[0].units[1].silent);
  EXPECT_FALSE(Read(FieldMethod::kGradient).has_value());  // there is no rf.json
  Write("rf.json", "abc");
  EXPECT_EQ(Read(FieldMethod::kGradient)->method, FieldMethod::kOcclusion);
  EXPECT_EQ(heard_.all, "");
}

TEST_F(OtherFields, OfOnePictureAreNone) {
  WriteJson(
      scratch_.path() / "rf_gradient.json",
      Json{{"netdissect", {{"network", {{"name", "net"}, {"digest", "abc"}}}}}, {"value", 3}});
  EXPECT_FALSE(Read().has_value());
  EXPECT_EQ(heard_.all, "");
}

TEST_F(OtherFields, ThatCannotStandBesideTheseAreLeftOutAloud) {
  struct Case {
    std::string digest;
    std::function<void(Json&)> change;
    std::vector<std::string> said;
  };
  const Case cases[] = {
      {"abd", {}, {"digest abc", "found abd"}},
      {"abc",
       [](Json& json) { json["layers"]["pool1"]["threshold"] = 0.5; },
       {"layer pool1", "threshold 0.17", "found 0.5"}},
      {"abc", [](Json& json) { json["layers"]["pool1"].erase("units"); }, {"as `rf`", "units"}},
      {"abc", [](Json& json) { json["layers"] = 3; }, {"\"layers\"", "object", "3"}},
      {"abc", [](Json& json) { json.erase("layers"); }, {"layers"}},
      {"abc", [](Json& json) { json.erase("netdissect"); }, {"netdissect"}},
  };
  for (const Case& bad : cases) {
    Write("rf_gradient.json", bad.digest, bad.change);
    heard_.all.clear();
    EXPECT_FALSE(Read().has_value());
    EXPECT_TRUE(HasAll(heard_.all, {"rf_gradient.json", "left out of table2"}));
    EXPECT_TRUE(HasAll(heard_.all, bad.said));
  }
  scratch_.File("rf_gradient.json", "{\"layers\": ");
  heard_.all.clear();
  EXPECT_FALSE(Read().has_value());
  EXPECT_TRUE(HasAll(heard_.all, {"rf_gradient.json", "left out of table2"}));
}

}  // namespace
}  // namespace netdissect
