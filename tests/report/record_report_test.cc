#include "report/record_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

class RecordFile : public testing::Test {
 protected:
  RecordFile() {
    for (int s = 0; s < 2; ++s) {
      Dataset set;
      set.name = s == 0 ? "places" : "objects";
      for (int i = 0; i < 3; ++i) {
        const std::string name = fmt::format("folder {}/{} \"{}\".png", s, i, set.name);
        set.images.push_back({folder_.path() / name, name, i});
      }
      sets_.push_back(set);
    }
    record_.images = sets_;
    record_.recorded = 5;
    record_.seconds = 1.25;
    record_.skipped = {{record_.images[4].name, "it is \"broken\"\n"}};
    record_.layers.push_back(
        {"fire9/concat",
         {2, 4, 6},
         {{5, 1e6 / 3}, {0, 0.1}, {3, -7}},
         {{{{5, 3.1415927f, 3, 5}, {1, 1e-30f, 0, 0}}, 0.1234567890123, {{4, 0.25f}, {3, -1e-7f}}},
          {{{2, 7, 2, 4}, {0, -0.3f, 1, 1}}, 0, {{1, -2}}}}});
    record_.layers.push_back(
        {"fc7", {1, 1, 1}, {{1, 2.5}}, {{{{1, 2.5f, 0, 0}, {2, 1.5f, 0, 0}}, 2.5, {}}}});
    provenance_.command = "record";
    provenance_.options = {{"k", 2}, {"far", 2}};
    provenance_.network_name = "net";
    provenance_.network_digest = "abc";
    for (const Dataset& set : sets_) provenance_.Add(set);
  }

  Json Written() const {
    std::ostringstream text;
    WriteRecord(text, provenance_, record_);
    return Json::parse(text.str());
  }

  std::optional<RecordResult> Read(const std::vector<std::string>& layers, int k = 2,
                                   int far = 2) const {
    return ReadMatchingRecord(file_, provenance_, sets_, layers, k, far);
  }

  // The error on reading what `spoil` has made of the file.
  std::string ErrorAfter(const std::function<void(Json&)>& spoil) const {
    Json json = Written();
    spoil(json);
    WriteJson(file_, json);
    return ErrorOf([&] { Read({"fire9/concat"}); });
  }

  ScratchFolder folder_;
  Path file_ = folder_.path() / "record.json";
  std::vector<Dataset> sets_;
  RecordResult record_;
  Provenance provenance_;
};

TEST_F(RecordFile, NamesAreQuoted) {
  const std::string name = "a \"b\"\\\n\x01\xc3\xa9.jpg";
  sets_[1].images[2].name = name;
  record_.images = sets_;
  record_.layers[0].name = "odd \"layer\"";
  EXPECT_EQ(Written().at("layers").at("odd \"layer\"").at("top_images")[0].at("image"), name);
}

TEST_F(RecordFile, NumbersReadBackEqual) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const auto value = static_cast<float>(random.Uniform() * std::pow(10.0, i % 40 - 20));
    record_.layers[0].units[0].top[0].value = value;
    record_.layers[0].units[0].quantile = value / 3.0;
    WriteFile(file_, Written().dump());
    const auto read = Read({record_.layers[0].name});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->layers[0].units[0].top[0].value, value);
    EXPECT_EQ(read->layers[0].units[0].quantile, value / 3.0);
  }
}

TEST_F(RecordFile, HasTheContractsKeys) {
  const Json json = Written();
  const Json& layer = json.at("layers").at("fire9/concat");
  EXPECT_EQ(layer.at("top_images")[0].at("image"), record_.images[5].name);
  EXPECT_EQ(layer.at("top_images")[0].at("set"), "objects");
  EXPECT_EQ(layer.at("top_images")[0].at("sum"), 1e6 / 3);
  EXPECT_DOUBLE_EQ(layer.at("set_share").at("places").get<double>(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(layer.at("set_share").at("objects").get<double>(), 2.0 / 3);
  ASSERT_EQ(layer.at("units").size(), 2u);
  const Json& unit = layer.at("units")[1];
  EXPECT_EQ(unit.at("unit"), 1);
  EXPECT_EQ(unit.at("quantile_0.995"), 0);
  EXPECT_EQ(unit.at("top")[0].at("image"), record_.images[2].name);
  EXPECT_EQ(unit.at("top")[0].at("set"), "places");
  EXPECT_EQ(unit.at("top")[0].at("value"), 7);
  EXPECT_EQ(unit.at("top")[0].at("y"), 2);
  EXPECT_EQ(unit.at("top")[0].at("x"), 4);
  EXPECT_EQ(unit.at("far")[0].at("image"), record_.images[1].name);
  EXPECT_EQ(unit.at("far")[0].at("value"), -2);
}

TEST_F(RecordFile, ReadsBack) {
  WriteJson(file_, Written());
  const std::optional<RecordResult> read = Read({"fc7", "fire9/concat"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->images.sets()[1].name, "objects");
  EXPECT_EQ(read->recorded, 5);
  EXPECT_EQ(read->seconds, 1.25);
  ASSERT_EQ(read->skipped.size(), 1u);
  EXPECT_EQ(read->skipped[0].image, record_.skipped[0].image);
  EXPECT_EQ(read->skipped[0].reason, record_.skipped[0].reason);
  ASSERT_EQ(read->images.size(), 6);
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(read->images[i].name, record_.images[i].name);
    EXPECT_EQ(read->images.SetOf(i), record_.images.SetOf(i));
    EXPECT_EQ(read->images[i].path, record_.images[i].path);
  }
  ASSERT_EQ(read->layers.size(), 2u);  // in the order they are asked for
  for (size_t l = 0; l < 2; ++l) {
    const RecordedLayer &a = read->layers[l], &b = record_.layers[1 - l];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.shape, b.shape);
    ASSERT_EQ(a.top_images.size(), b.top_images.size());
    for (size_t i = 0; i < a.top_images.size(); ++i) {
      EXPECT_EQ(a.top_images[i].image, b.top_images[i].image);
      EXPECT_EQ(a.top_images[i].value, b.top_images[i].value);  // to the last digit
    }
    ASSERT_EQ(a.units.size(), b.units.size());
    for (size_t u = 0; u < a.units.size(); ++u) {
      EXPECT_EQ(a.units[u].quantile, b.units[u].quantile);
      ASSERT_EQ(a.units[u].top.size(), b.units[u].top.size());
      for (size_t i = 0; i < a.units[u].top.size(); ++i) {
        EXPECT_EQ(a.units[u].top[i].image, b.units[u].top[i].image);
        EXPECT_EQ(a.units[u].top[i].value, b.units[u].top[i].value);
        EXPECT_EQ(a.units[u].top[i].y, b.units[u].top[i].y);
        EXPECT_EQ(a.units[u].top[i].x, b.units[u].top[i].x);
      }
      ASSERT_EQ(a.units[u].far.size(), b.units[u].far.size());
      for (size_t i = 0; i < a.units[u].far.size(); ++i) {
        EXPECT_EQ(a.units[u].far[i].image, b.units[u].far[i].image);
        EXPECT_EQ(a.units[u].far[i].value, b.units[u].far[i].value);
      }
    }
  }
  EXPECT_EQ(Read({}) ? 1 : 0, 1);
}

TEST_F(RecordFile, OfOtherInputsIsNotUsed) {
  EXPECT_FALSE(Read({"fc7"}));  // no file
  WriteJson(file_, Written());
  EXPECT_TRUE(Read({"fc7"}, 1));
  EXPECT_TRUE(Read({"fc7"}, 2));
  EXPECT_FALSE(Read({"fc7"}, 3));        // fewer images a unit
  EXPECT_FALSE(Read({"fc7"}, 2, 3));     // fewer on which it is far from firing
  EXPECT_FALSE(Read({"fc7", "pool5"}));  // a layer that it does not hold
  provenance_.network_digest = "abd";
  EXPECT_FALSE(Read({"fc7"}));
  provenance_.network_digest = "abc";
  EXPECT_TRUE(Read({"fc7"}));
  provenance_.images[1].digest = "other";
  EXPECT_FALSE(Read({"fc7"}));
}

TEST_F(RecordFile, ThatIsMalformedIsAnErrorThatNamesIt) {
  const auto layer = [](Json& json) -> Json& { return json["layers"]["fire9/concat"]; };
  WriteFile(file_, "{");
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read({"fc7"}); }), {"record.json"}));
  WriteFile(file_, "[1, 2]");
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read({"fc7"}); }), {"record.json", "expected a recording"}));
  const std::vector<std::function<void(Json&)>> spoilers = {
      [](Json& json) { json.erase("netdissect"); },
      [](Json& json) { json["netdissect"]["options"] = nullptr; },
      [](Json& json) { json["netdissect"]["options"]["k"] = "many"; },
      [](Json& json) { json["layers"] = 3; },
      [](Json& json) { json["recorded"] = "five"; },
      [](Json& json) { json["skipped"][0] = 3; },
      [&](Json& json) { layer(json)["shape"] = Json::array({2}); },
      [&](Json& json) { layer(json).erase("units"); },
      [&](Json& json) { layer(json)["units"][0]["top"][0]["value"] = nullptr; },
      [&](Json& json) { layer(json)["units"][0]["top"][0].erase("x"); },
      [&](Json& json) { layer(json)["top_images"][0]["index"] = "first"; },
  };
  for (size_t i = 0; i < spoilers.size(); ++i) {
    EXPECT_TRUE(HasAll(ErrorAfter(spoilers[i]), {"record.json", "expected"})) << "spoiler " << i;
  }
}

// A digit that changed is no other recording.
TEST_F(RecordFile, ThatIsDamagedIsRecordedAgain) {
  struct : Observer {
    void Warning(const std::string& text) override { all += text + "\n"; }
    std::string all;
  } warnings;
  const auto own = [&] {
    return ReadOwnRecord(file_, provenance_, sets_, {"fc7"}, 2, 2, warnings);
  };
  WriteFile(file_, [&](std::ostream& out) { WriteRecord(out, provenance_, record_); });
  ASSERT_TRUE(own());
  EXPECT_EQ(warnings.all, "");
  std::string text = ReadFile(file_);
  text.replace(text.find("3.1415"), 6, "4.1415");
  WriteFile(file_, text);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read({"fc7"}); }), {"record.json", "checksum"}));
  EXPECT_FALSE(own());
  EXPECT_TRUE(HasAll(warnings.all, {"record.json", "checksum", "recorded again"}));
}

TEST_F(RecordFile, WhatWouldIndexOutOfRangeIsRefused) {
  const auto layer = [](Json& json) -> Json& { return json["layers"]["fire9/concat"]; };
  const auto top = [&](Json& json) -> Json& { return layer(json)["units"][1]["top"][0]; };
  const std::vector<std::string> named = {"record.json", "fire9/concat", "expected"};
  for (int index : {-1, 6, 1000000}) {
    EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { top(json)["index"] = index; }), named));
    EXPECT_TRUE(HasAll(
        ErrorAfter([&](Json& json) { layer(json)["top_images"][1]["index"] = index; }), named));
  }
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { top(json)["y"] = 4; }), named));
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { top(json)["x"] = 6; }), named));
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { top(json)["x"] = -1; }), named));
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { layer(json)["shape"][0] = 3; }), named));
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { layer(json)["shape"][0] = -2; }), named));
  EXPECT_TRUE(HasAll(ErrorAfter([&](Json& json) { layer(json)["units"].erase(0); }), named));
  EXPECT_TRUE(HasAll(
      ErrorAfter([&](Json& json) { std::swap(layer(json)["units"][0], layer(json)["units"][1]); }),
      named));
}

TEST_F(RecordFile, LayersAreReadWhateverTheImages) {
  WriteJson(file_, Written());
  const std::vector<RecordedLayer> layers = ReadRecordedLayers(file_, "abc", {"fire9/concat"});
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(layers[0].shape, record_.layers[0].shape);
  EXPECT_EQ(layers[0].units[0].quantile, record_.layers[0].units[0].quantile);
  EXPECT_EQ(layers[0].units[0].top[0].value, record_.layers[0].units[0].top[0].value);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadRecordedLayers(file_, "abd", {"fc7"}); }),
                     {"record.json", "digest abd", "found abc"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadRecordedLayers(file_, "abc", {"pool5"}); }),
                     {"record.json", "layer pool5", "found fire9/concat, fc7"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadRecordedLayers("gone/record.json", "abc", {"fc7"}); }),
                     {"gone/record.json"}));
  WriteFile(file_, "{}");
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadRecordedLayers(file_, "abc", {"fc7"}); }),
                     {"record.json", "expected a recording"}));
}

TEST_F(RecordFile, PreferenceIsAColumnForEachSet) {
  const Table table = PreferenceTable(record_);
  EXPECT_EQ(table.header, (std::vector<std::string>{"layer", "places", "objects"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"fire9/concat", "33%", "67%"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"fc7", "100%", "0%"}));
}

TEST_F(RecordFile, SetsOfOneNameCountTogether) {
  sets_[0].name = sets_[1].name = "same";
  record_.images = sets_;
  EXPECT_EQ(Written().at("layers").at("fire9/concat").at("set_share").at("same"), 1);
}

// Sums of hundredths are not: 61 of them make 0.6100000000000003.
TEST_F(RecordFile, SharesAreCountsDivided) {
  RecordedLayer& layer = record_.layers[0];
  for (int places = 0; places <= 100; ++places) {
    layer.top_images.clear();
    for (int i = 0; i < 100; ++i) layer.top_images.push_back({i < places ? 0 : 5, 1.0});
    const std::vector<double> share = SetShare(record_, layer);
    EXPECT_EQ(share, (std::vector<double>{places / 100.0, (100 - places) / 100.0}));
    const Json json = Written().at("layers").at("fire9/concat").at("set_share");
    EXPECT_EQ(json, (Json{{"places", share[0]}, {"objects", share[1]}}));
  }
}

TEST_F(RecordFile, HasALineForEachUnit) {
  std::ostringstream text;
  WriteRecord(text, provenance_, record_);
  size_t units = 0;
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"unit\": ") == std::string::npos) continue;
    ++units;
    EXPECT_NE(line.find("\"top\": ["), std::string::npos) << line;
  }
  EXPECT_EQ(units, 3u);
}

}  // namespace
}  // namespace netdissect
