#include "report/run_numbers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/scratch.h"
#include "report/against_report.h"

namespace netdissect {
namespace {

// Results as commands write them, of one network on one image set.
class TwoRuns : public testing::Test {
 protected:
  void Write(const std::string& file, const std::string& command, const Json& body,
             const std::string& network = "net", const std::string& images = "abc",
             const Json& options = Json::object()) const {
    Provenance provenance;
    provenance.command = command;
    provenance.options = options;
    provenance.network_name = network;
    provenance.network_digest = "1234";
    provenance.images = {{"scenes", images, 10, ""}};
    Json json = {{"netdissect", ToJson(provenance)}};
    json.update(body);
    WriteJson(scratch_.path() / file, json);
  }

  static Json Fields(const std::map<int, double>& sizes, const std::string& layer = "pool5",
                     int theoretical = 195) {
    Json units = Json::array();
    for (const auto& [unit, size] : sizes) units.push_back({{"unit", unit}, {"size", size}});
    return {{"layers", {{layer, {{"theoretical_size", theoretical}, {"units", units}}}}}};
  }

  // Units whose top images are those of the names.
  static Json Record(const std::vector<std::string>& tops, double share = 0.5) {
    Json units = Json::array();
    for (size_t unit = 0; unit < tops.size(); ++unit) {
      Json top = Json::array();
      for (const char image : tops[unit]) {
        top.push_back({{"image", std::string(1, image)}, {"set", "scenes"}, {"value", 3}});
      }
      units.push_back({{"unit", unit}, {"quantile_0.995", 1.5}, {"top", top}});
    }
    return {{"layers",
             {{"conv1",
               {{"shape", {tops.size(), 4, 4}},
                {"top_images", Json::array({1, 2, 3, 4})},
                {"set_share", {{"scenes", share}, {"objects", 1 - share}}},
                {"units", units}}}}}};
  }

  RunNumbers Read() const {
    return ReadBothRuns(FindResults(scratch_.path() / "a"), FindResults(scratch_.path() / "b"));
  }

  std::string ErrorOf() const {
    try {
      Read();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  static const RunNumber& Find(const RunNumbers& runs, const std::string& name) {
    for (const RunNumber& number : runs.numbers) {
      if (number.where + " " + number.name == name) return number;
    }
    Fail("expected a number {}, found none of {}", name, runs.numbers.size());
  }

  static PairedValues Pairs(const RunNumbers& runs, const std::string& name) {
    return std::get<PairedValues>(Find(runs, name).values);
  }

  const ScratchFolder scratch_;
};

TEST_F(TwoRuns, UnitsAreMatchedByLayerAndIndexAndTheRestIsCounted) {
  Write("a/rf.json", "rf", Fields({{1, 50}, {2, 60}, {7, 70}}));
  Write("b/deep/rf.json", "rf", Fields({{2, 61}, {7, 69}, {8, 1}, {10, 2}}));
  Write("b/simplify.json", "simplify", {{"images", Json::array()}});
  Write("b/info.json", "info", Json::object());
  scratch_.File("b/record.json", "{}");
  const RunNumbers runs = Read();
  ASSERT_EQ(runs.numbers.size(), 1U);
  EXPECT_EQ(runs.numbers[0].where, "rf net pool5");
  EXPECT_EQ(runs.numbers[0].name, "mean size");
  EXPECT_EQ(runs.numbers[0].items, "units");
  EXPECT_EQ(runs.numbers[0].place, "deep");
  const PairedValues values = Pairs(runs, "rf net pool5 mean size");
  EXPECT_EQ(values.before, (Series{60, 70}));
  EXPECT_EQ(values.after, (Series{61, 69}));
  ASSERT_EQ(runs.one_sided.size(), 2U);
  EXPECT_EQ(runs.one_sided[0].what, "results");
  EXPECT_EQ(runs.one_sided[0].where, "simplify net (simplify.json)");
  EXPECT_EQ(runs.one_sided[0].after, 1);
  EXPECT_EQ(runs.one_sided[1].what, "units");
  EXPECT_EQ(runs.one_sided[1].before, 1);
  EXPECT_EQ(runs.one_sided[1].after, 2);
  EXPECT_EQ(runs.without_numbers, 1);
  ASSERT_EQ(runs.unreadable.size(), 1U);
  EXPECT_NE(runs.unreadable[0].find("b/record.json"), std::string::npos);
  EXPECT_TRUE(runs.matched[0].made_differently.empty());
}

TEST_F(TwoRuns, LayersOfOneRunAreCounted) {
  Write("a/rf.json", "rf", Fields({{1, 50}}, "pool1"));
  Write("b/rf.json", "rf", Fields({{1, 50}}, "pool5"));
  Write("a/record.json", "record", Record({"xy"}));
  Write("b/record.json", "record", Record({"xy"}));
  const RunNumbers runs = Read();
  ASSERT_EQ(runs.one_sided.size(), 1U);
  EXPECT_EQ(runs.one_sided[0].where, "rf net");
  EXPECT_EQ(runs.one_sided[0].what, "layers");
  EXPECT_EQ(runs.one_sided[0].before, 1);
  EXPECT_EQ(runs.one_sided[0].after, 1);
}

TEST_F(TwoRuns, AgreementIsTheShareThatStayed) {
  Write("a/record.json", "record", Record({"abcd", "abcd", "abcd"}, 0.75));
  Write("b/record.json", "record", Record({"dcba", "abxy", "a"}, 0.25));
  const RunNumbers runs = Read();
  const PairedValues tops = Pairs(runs, "record net conv1 agreement of top images");
  EXPECT_EQ(tops.before, (Series{1, 1, 1}));
  EXPECT_EQ(tops.after, (Series{1, 0.5, 1}));  // of the last, one is known
  EXPECT_EQ(Pairs(runs, "record net conv1 mean largest activation").after, (Series{3, 3, 3}));
  EXPECT_EQ(Pairs(runs, "record net conv1 mean 0.995 quantile").after, (Series{1.5, 1.5, 1.5}));
  const auto& share =
      std::get<TwoShares>(Find(runs, "record net conv1 share of scenes among top images").values);
  EXPECT_EQ(share.before.count, 3);
  EXPECT_EQ(share.after.count, 1);
  EXPECT_EQ(share.after.total, 4);
  // Of other images nothing can stay.
  Write("b/record.json", "record", Record({"dcba", "abxy", "a"}), "net", "other");
  const RunNumbers other = Read();
  ASSERT_EQ(other.left_out.size(), 1U);
  EXPECT_NE(other.left_out[0].find("the image sets differ"), std::string::npos);
  EXPECT_EQ(other.matched[0].made_differently, std::vector<std::string>{"the images"});
}

TEST_F(TwoRuns, LabelsAndQualityAreOfUnits) {
  const auto labels = [](const Json& first, const Json& second, double iou) -> Json {
    return {{"layers",
             {{"pool5",
               {{"units",
                 {{{"unit", 0}, {"label", first}, {"precision", 0.5}, {"iou", iou}},
                  {{"unit", 1}, {"label", second}, {"precision", nullptr}, {"iou", iou}},
                  {{"unit", 2}, {"label", nullptr}, {"precision", nullptr}, {"iou", 0}}}}}}}}};
  };
  Write("a/annotation.json", "annotate auto", labels("bed", "sea", 0.1));
  Write("b/annotation.json", "annotate auto", labels("bed", nullptr, 0.2));
  const auto quality = [](double ap) -> Json {
    return {{"layers",
             {{"pool5",
               {{"units",
                 {{{"unit", 0}, {"ap", ap}, {"jaccard", nullptr}, {"best_jaccard", 0.3}}}}}}}}};
  };
  Write("a/evaluate.json", "evaluate", quality(0.4));
  Write("b/evaluate.json", "evaluate", quality(0.6));
  const RunNumbers runs = Read();
  EXPECT_EQ(Pairs(runs, "annotate net pool5 agreement of labels").after, (Series{1, 0}));
  EXPECT_EQ(Pairs(runs, "annotate net pool5 mean precision").before, Series{0.5});
  EXPECT_EQ(Pairs(runs, "annotate net pool5 mean intersection over union").after,
            (Series{0.2, 0.2, 0}));
  EXPECT_EQ(Pairs(runs, "evaluate net pool5 mean average precision").after, Series{0.6});
  EXPECT_THROW(Find(runs, "evaluate net pool5 mean Jaccard index"), Error);
}

TEST_F(TwoRuns, ImagesAreMatchedByName) {
  const auto classified = [](const std::map<std::string, std::vector<int>>& answers) -> Json {
    Json predictions = Json::array();
    for (const auto& [image, classes] : answers) {
      Json ranked = Json::array();
      for (size_t i = 1; i < classes.size(); ++i) {
        ranked.push_back({{"class", classes[i]}, {"name", std::to_string(classes[i])}});
      }
      predictions.push_back({{"image", image}, {"target", classes[0]}, {"classes", ranked}});
    }
    return {{"predictions", predictions}};
  };
  // The label, then the classes in their order.
  Write("a/classify.json", "classify",
        classified(
            {{"p", {1, 1, 2, 3, 4, 5}}, {"q", {5, 1, 2, 3, 4, 5}}, {"r", {-1, 2, 1, 3, 4, 5}}}));
  Write("b/classify.json", "classify",
        classified({{"p", {1, 2, 1, 3, 4, 5}},
                    {"q", {5, 1, 2, 3, 4, 6}},
                    {"r", {-1, 2, 1, 3, 4, 5}},
                    {"s", {0, 0, 1, 2, 3, 4}}}));
  const auto simplified = [](double kept) -> Json {
    return {{"images", {{{"image", "p"}, {"kept_fraction", kept}}}}};
  };
  Write("a/simplify.json", "simplify", simplified(0.2));
  Write("b/simplify.json", "simplify", simplified(0.3));
  const RunNumbers runs = Read();
  EXPECT_EQ(Pairs(runs, "classify net top-1 accuracy").before, (Series{1, 0}));
  EXPECT_EQ(Pairs(runs, "classify net top-1 accuracy").after, (Series{0, 0}));
  EXPECT_EQ(Pairs(runs, "classify net top-5 accuracy").before, (Series{1, 1}));
  EXPECT_EQ(Pairs(runs, "classify net top-5 accuracy").after, (Series{1, 0}));
  EXPECT_EQ(Pairs(runs, "classify net agreement of classes").after, (Series{0, 1, 1}));
  EXPECT_EQ(Pairs(runs, "simplify net mean kept fraction").after, Series{0.3});
  ASSERT_EQ(runs.one_sided.size(), 1U);
  EXPECT_EQ(runs.one_sided[0].what, "images");
  EXPECT_EQ(runs.one_sided[0].after, 1);
}

TEST_F(TwoRuns, WhatIsStatedAsAShareOrACorrelationIsNotPaired) {
  const auto probed = [](double accuracy) -> Json {
    return {{"layers", {{"pool5", {{"accuracy", accuracy}, {"test", 40}, {"units", 8}}}}}};
  };
  Write("a/probe.json", "probe", probed(0.9));
  Write("b/probe.json", "probe", probed(0.7));
  const auto emergence = [](const Json& r) -> Json {
    return {{"correlations",
             {{"frequency_units", {{"pearson", r}, {"interval", {0.2, 0.7}}}},
              {"units_informative", {{"pearson", nullptr}, {"interval", nullptr}}}}}};
  };
  Write("a/emergence.json", "emergence", emergence(0.5));
  Write("b/emergence.json", "emergence", emergence(0.8));
  const RunNumbers runs = Read();
  ASSERT_EQ(runs.numbers.size(), 2U);
  const auto& accuracy = std::get<TwoShares>(Find(runs, "probe net pool5 accuracy").values);
  EXPECT_EQ(accuracy.before.count, 36);
  EXPECT_EQ(accuracy.after.count, 28);
  const auto& correlation = std::get<TwoCorrelations>(
      Find(runs, "emergence net correlation of frequency and units").values);
  EXPECT_EQ(correlation.before.high, 0.7);
  EXPECT_EQ(correlation.after.high, 0.8);  // never below the value
  EXPECT_TRUE(runs.left_out.empty());
  Write("b/emergence.json", "emergence", emergence(nullptr));
  ASSERT_EQ(Read().left_out.size(), 1U);
  EXPECT_NE(Read().left_out[0].find("a value in one run only"), std::string::npos);
}

// `annotate` and `evaluate` record where they find nothing to reuse.
TEST_F(TwoRuns, WhatARunSaysTwiceCountsOnce) {
  for (const char* run : {"a", "b"}) {
    Write(std::string(run) + "/record/record.json", "record", Record({"ab", "cd"}));
    Write(std::string(run) + "/annotate/record.json", "record", Record({"ab", "cd"}));
  }
  RunNumbers runs = Read();
  EXPECT_EQ(runs.numbers.size(), 4U);
  EXPECT_EQ(runs.repeated, 4);
  Write("b/annotate/record.json", "record", Record({"ab", "xy"}));
  runs = Read();
  EXPECT_EQ(Pairs(runs, "record net conv1 (annotate) agreement of top images").after,
            (Series{1, 0}));
  EXPECT_EQ(Pairs(runs, "record net conv1 (record) agreement of top images").after, (Series{1, 1}));
}

TEST_F(TwoRuns, ResultsOfOneSortAreMatchedByTheirPlace) {
  for (const char* run : {"a", "b"}) {
    Write(std::string(run) + "/coarse/rf.json", "rf", Fields({{0, 10}}), "net", "abc",
          {{"stride", 9}, {"out", run}});
    Write(std::string(run) + "/fine/rf.json", "rf", Fields({{0, 12}}), "net", "abc",
          {{"stride", run[0] == 'a' ? 3 : 4}, {"out", run}});
  }
  const RunNumbers runs = Read();
  EXPECT_EQ(Pairs(runs, "rf net pool5 (coarse) mean size").before, Series{10});
  EXPECT_EQ(Pairs(runs, "rf net pool5 (fine) mean size").before, Series{12});
  EXPECT_TRUE(runs.matched[0].made_differently.empty());
  EXPECT_EQ(runs.matched[1].made_differently, std::vector<std::string>{"--stride 3 and 4"});
}

TEST_F(TwoRuns, FieldsByGradientAreComparedWithTheirOwn) {
  for (const char* run : {"a", "b"}) {
    const double more = run[0] == 'a' ? 0 : 1;
    Write(std::string(run) + "/rf.json", "rf", Fields({{0, 10 + more}}));
    Write(std::string(run) + "/rf_gradient.json", "rf", Fields({{0, 20 + more}}));
  }
  const RunNumbers runs = Read();
  EXPECT_EQ(Pairs(runs, "rf net pool5 mean size").after, Series{11});
  EXPECT_EQ(Pairs(runs, "rf by gradient net pool5 mean size").after, Series{21});
  EXPECT_TRUE(runs.one_sided.empty());
}

TEST_F(TwoRuns, OfAnotherArchitectureNothingCompares) {
  Write("a/record.json", "record", Record({"ab", "cd"}));
  Write("b/record.json", "record", Record({"ab", "cd", "ef"}));
  for (const char* word : {"b/record.json", "layer conv1", "2 units", "3 units", "a/record.json"}) {
    EXPECT_NE(ErrorOf().find(word), std::string::npos) << word << "\n" << ErrorOf();
  }
  Write("b/record.json", "record", Record({"ab", "cd"}));
  Write("a/rf.json", "rf", Fields({{0, 1}}, "pool5", 195));
  Write("b/rf.json", "rf", Fields({{0, 1}}, "pool5", 163));
  for (const char* word : {"b/rf.json", "layer pool5", "195", "163"}) {
    EXPECT_NE(ErrorOf().find(word), std::string::npos) << word << "\n" << ErrorOf();
  }
}

TEST_F(TwoRuns, OfOtherNetworksNothingCompares) {
  Write("a/rf.json", "rf", Fields({{0, 1}}), "one");
  Write("b/rf.json", "rf", Fields({{0, 1}}), "two");
  for (const char* word : {"rf one", "rf two"}) {
    EXPECT_NE(ErrorOf().find(word), std::string::npos) << word << "\n" << ErrorOf();
  }
}

TEST_F(TwoRuns, MalformedFilesAreNamed) {
  const struct {
    const char *file, *command;
    std::function<void(Json&)> spoil;
    std::vector<std::string> words;
  } kCases[] = {
      {"rf.json", "rf", [](Json& json) { json["layers"] = 3; }, {"\"layers\"", "object", "3"}},
      {"rf.json",
       "rf",
       [](Json& json) { json["layers"]["pool5"].erase("units"); },
       {"pool5", "\"units\"", "a list", "none"}},
      {"rf.json",
       "rf",
       [](Json& json) { json["layers"]["pool5"]["units"][0]["size"] = "big"; },
       {"pool5", "\"size\"", "a number", "big"}},
      {"rf.json",
       "rf",
       [](Json& json) { json["layers"]["pool5"]["units"][0]["unit"] = 0.5; },
       {"pool5", "\"unit\"", "an integer", "0.5"}},
      {"rf.json",
       "rf",
       [](Json& json) { json["layers"]["pool5"]["units"] = {1}; },
       {"\"unit\"", "found 1"}}};
  for (const auto& each : kCases) {
    Json json = Fields({{0, 1}});
    Write("a/rf.json", "rf", json);
    each.spoil(json);
    Write("b/rf.json", "rf", json);
    const std::string error = ErrorOf();
    for (const std::string& word : each.words) {
      EXPECT_NE(error.find(word), std::string::npos) << word << "\n" << error;
    }
    EXPECT_NE(error.find("b/rf.json"), std::string::npos) << error;
  }
}

TEST_F(TwoRuns, ChangesAreLinesAndJson) {
  std::map<int, double> before, after;
  for (int unit = 0; unit < 12; ++unit) {
    before[unit] = 80 + unit % 3;
    after[unit] = 60 + unit % 4;
  }
  Write("a/rf.json", "rf", Fields(before));
  Write("b/rf.json", "rf", Fields(after));
  Write("a/probe.json", "probe",
        {{"layers", {{"pool5", {{"accuracy", 0.5}, {"test", 40}, {"units", 8}}}}}});
  Write("b/probe.json", "probe",
        {{"layers", {{"pool5", {{"accuracy", 0.55}, {"test", 40}, {"units", 8}}}}}});
  const RunNumbers runs = Read();
  std::vector<TwoValues> values;
  for (const RunNumber& number : runs.numbers) values.push_back(number.values);
  const ChangeOptions options;
  const Changes changes = FindChanges(values, options);
  const std::vector<std::string> lines = ChangeLines(runs, changes, options);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].find("rf net pool5: mean size 81 -> 61.5 (-24.1%, 95% interval -"), 0U)
      << lines[0];
  EXPECT_NE(lines[0].find(", 12 units)"), std::string::npos) << lines[0];
  EXPECT_EQ(SummaryLine(runs, changes, options),
            "1 of 2 numbers changed by more than 1% beyond the noise; 2 differ at all");
  const Json json = ToJson(runs, changes, options);
  ASSERT_EQ(json["changes"].size(), 1U);
  const Json& change = json["changes"][0];
  EXPECT_EQ(change["where"], "rf net pool5 mean size");
  EXPECT_EQ(change["before"], 81);
  EXPECT_EQ(change["after"], 61.5);
  EXPECT_LT(change["interval"][0], -19.5);
  EXPECT_GT(change["interval"][1], -19.5);
  EXPECT_EQ(change["items"], 12);
  EXPECT_EQ(change["of"], "units");
  EXPECT_EQ(change["paired"], true);
  EXPECT_EQ(json["compared"], 2);
  EXPECT_EQ(json["numbers"].size(), 2U);
  EXPECT_EQ(json["numbers"][0]["paired"], false);
  EXPECT_NE(json["method"].get<std::string>().find("bootstrap"), std::string::npos);
}

}  // namespace
}  // namespace netdissect
