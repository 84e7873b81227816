// The report's parts, on results written by hand.

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "base/scratch.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "report/figure.h"
#include "report/summary/headline.h"
#include "report/summary/report_page.h"
#include "report/summary/section.h"
#include "report/summary/unit_cards.h"

namespace netdissect {
namespace {

class HeardWarnings : public Observer {
 public:
  void Warning(const std::string& message) override { all.push_back(message); }
  std::vector<std::string> all;
};

struct Of {
  std::string command = "rf", network = "net", digest = "d1";
  Json options = Json::object();
  std::vector<std::string> images = {"set"};
};

void Write(const Path& file, const Of& of, Json json) {
  Provenance provenance;
  provenance.command = of.command;
  provenance.options = of.options;
  provenance.network_name = of.network;
  provenance.network_digest = of.digest;
  for (const std::string& name : of.images) provenance.images.push_back({name, "x", 2, ""});
  Json whole = {{"netdissect", ToJson(provenance)}};
  whole.update(json);
  WriteJson(file, whole);
}

Json FieldLayer(double mean, double theoretical, const Json& units) {
  return {{"theoretical_size", theoretical},
          {"mean", mean},
          {"std", 9.0},
          {"maps", "rf/pool5"},
          {"units", units}};
}

Results ResultsIn(const Path& folder, Observer& observer = Silent()) {
  return Results(FindResults(folder), observer);
}

TEST(Results, SayTheCommandThatMakesThemAgain) {
  const ScratchFolder folder;
  Write(folder.path() / "rf.json",
        {"rf",
         "net",
         "d",
         {{"network", {"a b.json"}},
          {"limit", 0},
          {"k", 5},
          {"force", false},
          {"pipelines", true},
          {"layer", {"pool1", "it's"}},
          {"fill", ""}}},
        {{"layers", Json::object()}});
  const Results results = ResultsIn(folder.path());
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results.Of(ResultKind::kFields)[0]->CommandLine(),
            "netdissect rf --network 'a b.json' --limit 0 --k 5 --pipelines --layer pool1 "
            "--layer 'it'\\''s'");
}

TEST(Results, OfAnotherNetworkOfTheSameNameAreLeftOutAndSaid) {
  const ScratchFolder folder;
  Write(folder.path() / "a/rf.json", {"rf", "net", "d1"}, {{"layers", Json::object()}});
  Write(folder.path() / "b/rf.json", {"rf", "net", "d2"}, {{"layers", Json::object()}});
  WriteFile(folder.path() / "c/rf.json", "{}");
  HeardWarnings warnings;
  const Results results = ResultsIn(folder.path(), warnings);
  EXPECT_EQ(results.size(), 1U);
  ASSERT_EQ(results.left_out().size(), 2U);
  EXPECT_EQ(warnings.all.size(), 2U);
  EXPECT_NE(results.left_out()[1].find("b/rf.json"), std::string::npos);
  EXPECT_NE(results.left_out()[1].find("d2"), std::string::npos);
}

TEST(Results, ComeInTheOrderOfTheStudysFolders) {
  const ScratchFolder folder;
  for (const char* name : {"a", "b", "c"}) {
    Write(folder.path() / "rf" / name / "rf.json", {"rf", std::string("net of ") + name, name},
          {{"layers", Json::object()}});
  }
  Results results = ResultsIn(folder.path());
  results.PutFirst({"c", "a"});
  EXPECT_EQ(results.networks(), (std::vector<std::string>{"net of c", "net of a", "net of b"}));
  EXPECT_EQ(results.Of(ResultKind::kFields)[0]->network(), "net of c");
}

TEST(PaperTable, SaysOnWhichImagesANetworkClassifies) {
  const ScratchFolder folder;
  Write(folder.path() / "a/classify.json", {"classify", "net", "d", Json::object(), {"places"}},
        {{"top1", 0.5}});
  Write(folder.path() / "b/classify.json", {"classify", "net", "d", Json::object(), {"objects"}},
        {{"top1", nullptr}});
  const Table table = PaperTable(ResultsIn(folder.path()));
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0][3], "50% of places");
}

TEST(PaperTable, SetsSizesBesideThePapers) {
  const ScratchFolder folder;
  Write(folder.path() / "a/rf.json", {"rf", "first"},
        {{"layers", {{"pool5", FieldLayer(71.26, 195, Json::array())}}}});
  Write(folder.path() / "b/rf.json", {"rf", "second", "d2"},
        {{"layers", {{"fire9/concat", FieldLayer(88, 239, Json::array())}}}});
  const Table table = PaperTable(ResultsIn(folder.path()));
  EXPECT_EQ(table.header, (std::vector<std::string>{"figure", "of what", "paper", "first", "second",
                                                    "why they differ"}));
  ASSERT_EQ(table.rows.size(), 2U) << "layers that no network has";
  EXPECT_EQ(table.rows[0][2], "72.0 +- 20.0 of 195 (Places-CNN), 70.3 +- 21.6 (ImageNet-CNN)");
  EXPECT_EQ(table.rows[0][3], "71.3 +- 9.0 of 195");
  EXPECT_EQ(table.rows[0][4], "");
  EXPECT_EQ(table.rows[1][1], "receptive field of fire9/concat, pixels");
  EXPECT_EQ(table.rows[1][4], "88.0 +- 9.0 of 239");
}

TEST(FiveSentences, SayWhatIsMissing) {
  const ScratchFolder folder;
  Write(folder.path() / "emergence.json", {"emergence"},
        {{"correlations",
          {{"frequency_units", {{"pearson", 0.5}}}, {"units_informative", {{"pearson", 0.25}}}}}});
  const std::vector<std::string> said = FiveSentences(ResultsIn(folder.path()));
  ASSERT_EQ(said.size(), 5U);
  EXPECT_NE(said[1].find("netdissect rf"), std::string::npos);
  EXPECT_NE(said[4].find("net: r = 0.25 and 0.50 (the paper"), std::string::npos);
}

// A unit of pool5 measured, labelled, evaluated and segmented; another one only labelled.
void WriteUnits(const Path& folder) {
  Write(folder / "rf/rf.json", {"rf"}, Json::parse(R"({"layers": {"pool5": {
      "theoretical_size": 195, "mean": 70.5, "std": 0, "maps": "rf/pool5",
      "units": [{"unit": 3, "size": 70.5, "interval": [60, 80], "images": []}]}}})"));
  std::filesystem::create_directories(folder / "rf/rf/pool5");
  WritePng(folder / "rf/rf/pool5/unit_0003.png", cv::Mat(464, 420, CV_8UC3, cv::Scalar(9, 9, 9)));
  Write(folder / "labels/annotation.json", {"annotate auto"}, Json::parse(R"({"layers": {"pool5": {
      "units": [{"unit": 3, "label": "bed", "precision": 0.5, "group": "object", "iou": 0.1,
                 "annotators": 0, "source": "ground truth"},
                {"unit": 5, "label": null, "precision": null, "group": null, "iou": 0.01,
                 "annotators": 0, "source": "ground truth"}]}}})"));
  Write(folder / "evaluate/evaluate.json", {"evaluate"}, Json::parse(R"({"objects": [], "layers": {
      "pool5": {"units": [{"unit": 3, "ap": 0.75, "jaccard": 0.4}]}}})"));
  // A sheet whose second row, of two tiles, is the unit's: green between red.
  cv::Mat sheet(100, 120, CV_8UC3, cv::Scalar(0, 0, 255));
  sheet(cv::Rect(10, 40, 84, 40)).setTo(cv::Scalar(0, 255, 0));
  std::filesystem::create_directories(folder / "segment/segment/pool5");
  WritePng(folder / "segment/segment/pool5/sheet_001.png", sheet);
  Write(folder / "segment/segment.json", {"segment"}, Json::parse(R"({"layers": {"pool5": {
      "units": [{"unit": 3, "images": [{"image": "a.jpg"}, {"image": "b.jpg"}],
                 "sheet": {"file": "segment/pool5/sheet_001.png", "tiles": [10, 40, 84, 40]}}]}}})"));
  Write(folder / "record/record.json", {"record"}, Json::parse(R"({"layers": {
      "conv1": {"units": [{"unit": 0, "top": [{"image": "a.jpg", "value": 1}]}]},
      "pool5": {"units": [{"unit": 3, "top": [{"image": "a.jpg", "value": 2.00012},
                                              {"image": "b.jpg", "value": 1.5}]}]}}})"));
}

TEST(UnitCards, JoinWhatAllResultsSayOfAUnit) {
  const ScratchFolder folder;
  WriteUnits(folder.path());
  PictureStore pictures(folder.path() / "pictures", "pictures");
  HeardWarnings warnings;
  const Json cards = UnitCards(ResultsIn(folder.path()), pictures, warnings);
  EXPECT_TRUE(warnings.all.empty());
  ASSERT_EQ(cards["units"].size(), 2U) << "conv1 is recorded alone";
  const Json& card = cards["units"][0];
  EXPECT_EQ(card["unit"], 3);
  EXPECT_EQ(card["size"], 70.5);
  EXPECT_EQ(card["label"], "bed");
  EXPECT_EQ(card["iou"], 0.1);
  EXPECT_EQ(card["ap"], 0.75);
  EXPECT_EQ(card["top"], (Json{2.0, 1.5}));
  EXPECT_EQ(card["images"], (Json{"a.jpg", "b.jpg"}));
  EXPECT_FALSE(card.contains("pipeline"));
  // The row is cut out of its sheet.
  const cv::Mat row = DecodeImage(folder.path() / card["row"].get<std::string>());
  EXPECT_EQ(row.size(), cv::Size(84, 40));
  const cv::Scalar mean = cv::mean(row);
  EXPECT_GT(mean[1], 245);
  EXPECT_LT(mean[2], 10);
  EXPECT_EQ(cards["networks"][0]["layers"][0]["theoretical"], 195.0);
  EXPECT_FALSE(cards["units"][1].contains("label"));
  EXPECT_FALSE(cards["units"][1].contains("field"));
}

TEST(UnitCards, CountPicturesThatAreMissing) {
  const ScratchFolder folder;
  WriteUnits(folder.path());
  std::filesystem::remove(folder.path() / "rf/rf/pool5/unit_0003.png");
  // A sheet that is not the one that the tiles are said to be on.
  WritePng(folder.path() / "segment/segment/pool5/sheet_001.png",
           cv::Mat(50, 50, CV_8UC3, cv::Scalar(0, 0, 0)));
  PictureStore pictures;
  HeardWarnings warnings;
  const Json cards = UnitCards(ResultsIn(folder.path()), pictures, warnings);
  ASSERT_EQ(warnings.all.size(), 1U);
  EXPECT_NE(warnings.all[0].find("found 2 missing"), std::string::npos) << warnings.all[0];
  EXPECT_FALSE(cards["units"][0].contains("row"));
  EXPECT_FALSE(cards["units"][0].contains("field"));
}

TEST(ReportPage, NamesSizesByBothMethods) {
  const ScratchFolder folder;
  const auto section = [&] {
    PictureStore pictures;
    return FieldSection(ResultsIn(folder.path()), pictures).json().dump();
  };
  const std::string none = section();
  EXPECT_NE(none.find("netdissect rf"), std::string::npos);
  WriteUnits(folder.path());
  EXPECT_EQ(section().find("by gradient"), std::string::npos);
  Write(folder.path() / "rf/rf_gradient.json", {"rf"}, Json::parse(R"({"layers": {"pool5": {
      "theoretical_size": 195, "mean": 61.5, "std": 2, "maps": "rf_gradient/pool5",
      "units": [{"unit": 3, "size": 61.5, "interval": [60, 63], "images": []}]}}})"));
  const std::string both = section();
  for (const char* text : {"net, by gradient", "61.5", "70.5"}) {
    EXPECT_NE(both.find(text), std::string::npos) << text;
  }
}

TEST(ReportPage, HasEverySectionAndKeepsNamesText) {
  const ScratchFolder folder;
  WriteUnits(folder.path());
  PictureStore pictures;
  const ReportPage page = MakeReportPage(ResultsIn(folder.path()), {"</script><b>", "about"},
                                         pictures, false, Silent());
  EXPECT_EQ(page.units, 2);
  EXPECT_EQ(page.results, 5);
  EXPECT_EQ(page.html.find("</script><b>"), std::string::npos);
  EXPECT_NE(page.html.find("img-src data:;"), std::string::npos);
  for (const char* id : {"accuracy", "architecture", "preference", "minimal", "fields", "detectors",
                         "semantics", "emergence", "scenes", "quality"}) {
    EXPECT_NE(page.html.find(fmt::format("\"id\":\"{}\"", id)), std::string::npos) << id;
  }
}

}  // namespace
}  // namespace netdissect
