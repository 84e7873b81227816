#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/program.h"
#include "netdissect/data/decode.h"

namespace netdissect {
namespace {

class ExportTest : public ProgramTest {
 protected:
  Arguments Export(const std::string& out, const Arguments& more = {},
                   const std::string& shown = "8") {
    Arguments arguments = {
        "annotate", "export",  "--network", Network(), "--images",    Images("pictures", 14),
        "--layer",  "pool5",   "--shown",   shown,     "--negatives", "2",
        "--out",    Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // Places of negatives of all units.
  static std::vector<std::vector<size_t>> Negatives(const Json& task) {
    std::vector<std::vector<size_t>> negatives;
    for (const Json& unit : task["units"]) {
      std::vector<size_t>& places = negatives.emplace_back();
      for (size_t i = 0; i < unit["tiles"].size(); ++i) {
        if (unit["tiles"][i]["negative"]) places.push_back(i);
      }
    }
    return negatives;
  }
};

TEST_F(ExportTest, TilesAreTheTopImagesAndNegativesFarFromFiring) {
  const Outcome outcome = RunWell(Export("out"));
  EXPECT_TRUE(HasAll(outcome.out, {"tiny", "units", "page/index.html"})) << outcome;
  const Json task = ReadResult("out/export.json");
  EXPECT_TRUE(HasHeader(task, "annotate export"));
  const Json record = ReadResult("out/record.json");
  const Json& recorded = record["layers"]["pool5"]["units"];
  ASSERT_GE(task["units"].size(), 2u);
  for (const Json& unit : task["units"]) {
    const Json& top = recorded[unit["unit"].get<size_t>()]["top"];
    ASSERT_EQ(unit["tiles"].size(), 8u);
    std::multiset<std::string> positives, expected;
    std::vector<double> areas;
    for (const Json& tile : unit["tiles"]) {
      if (tile["negative"]) continue;
      positives.insert(tile["image"]);
      areas.push_back(tile["area"]);
      EXPECT_GT(tile["area"], 0);
    }
    for (size_t i = 0; i < 6; ++i) expected.insert(top[i]["image"]);
    EXPECT_EQ(positives, expected);
    // All 14 images are ranked: a negative is none of the 7 highest.
    for (const Json& tile : unit["tiles"]) {
      if (!tile["negative"]) continue;
      const auto higher = std::count_if(top.begin(), top.end(), [&](const Json& each) {
        return each["value"].get<float>() > tile["value"].get<float>();
      });
      EXPECT_GE(higher, 7);
      const double area = tile["area"];
      EXPECT_TRUE(std::any_of(areas.begin(), areas.end(), [&](double each) {
        return std::abs(each - area) <= 0.1 * each + 1.0 / (192 * 192);
      })) << area;
    }
    const cv::Mat sheet = DecodeImage(Place("out/page/" + unit["sheet"].get<std::string>()));
    EXPECT_EQ(sheet.size(), cv::Size(1920, 192));
  }
  for (const auto& places : Negatives(task)) EXPECT_EQ(places.size(), 2u);
  for (const char* file : {"page/index.html", "page/annotate.js", "page/annotate.css",
                           "page/task.js", "hits.csv", "hit_template.html", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("out/") + file)) << file;
  }
  const std::string hits = ReadFile(Place("out/hits.csv"));
  EXPECT_EQ(static_cast<size_t>(std::count(hits.begin(), hits.end(), '\n')),
            task["units"].size() + 1);
  // What annotators get does not name the images.
  const std::string script = ReadFile(Place("out/page/task.js"));
  EXPECT_EQ(script.find(task["units"][0]["tiles"][0]["image"].get<std::string>()),
            std::string::npos);
}

TEST_F(ExportTest, TheSameAgainIsTheSamePageAndAnotherFolderAnother) {
  RunWell(Export("out"));
  const Json first = ReadResult("out/export.json");
  const std::string sheet = ReadFile(Place("out/page/sheets/0001.jpg"));
  RunWell(Export("out", {"--batch", "3"}));
  EXPECT_EQ(ReadResult("out/export.json")["task"], first["task"]);
  EXPECT_EQ(ReadFile(Place("out/page/sheets/0001.jpg")), sheet);
  RunWell(Export("elsewhere"));
  const Json other = ReadResult("elsewhere/export.json");
  EXPECT_NE(other["task"], first["task"]);
  EXPECT_NE(other["units"][0]["salt"], first["units"][0]["salt"]);
  EXPECT_NE(Negatives(other), Negatives(first));
}

TEST_F(ExportTest, AnswersKeepTheirTask) {
  RunWell(Export("out"));
  scratch_.File("out/answers.jsonl", "{}\n");
  RunWell(Export("out"));  // the same task
  const Json task = ReadResult("out/export.json");
  const std::string sheet = ReadFile(Place("out/page/sheets/0001.jpg"));
  const Outcome refused = Run(Export("out", {"--units", "1"}));
  EXPECT_EQ(refused.status, 1) << refused;
  EXPECT_TRUE(HasAll(refused.err, {"answers.jsonl", "another", "--force"})) << refused;
  // What people are at work on is as it was.
  EXPECT_EQ(ReadResult("out/export.json"), task);
  EXPECT_EQ(ReadFile(Place("out/page/sheets/0001.jpg")), sheet);
  EXPECT_TRUE(std::filesystem::exists(Place("out/page/sheets/0002.jpg")));
  EXPECT_FALSE(std::filesystem::exists(Place("out/page.new")));
  RunWell(Export("out", {"--units", "1", "--force"}));
  EXPECT_EQ(ReadResult("out/export.json")["units"].size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(Place("out/page/sheets/0002.jpg")));
}

TEST_F(ExportTest, EarlierAnswersAreSuggestedFirst) {
  const auto answer = [](const char* id, const char* label) {
    return Json{{"id", id},           {"task", "t"},
                {"layer", "pool5"},   {"unit", 1},
                {"label", label},     {"group", "color"},
                {"annotator", "ann"}, {"crossed", Json::array()}}
               .dump() +
           "\n";
  };
  const Path answers = scratch_.File("answers.jsonl", answer("1", "red") + answer("2", "blue") +
                                                          "no answer\n" + answer("3", "blue"));
  const Outcome outcome = RunWell(Export("out", {"--answers", answers.string()}));
  EXPECT_TRUE(HasAll(outcome.err, {"answers.jsonl:3"})) << outcome;
  const Json names = ReadResult("out/export.json")["names"];
  ASSERT_GE(names.size(), 2u);
  EXPECT_EQ(names[0], "blue");
  EXPECT_EQ(names[1], "red");
}

TEST_F(ExportTest, UnitsThatRespondToTooFewImagesAreCounted) {
  const Outcome outcome = Run(Export("out", {}, "60"));
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_TRUE(HasAll(outcome.err, {"units left out", "58 images", "found none"})) << outcome;
  EXPECT_FALSE(std::filesystem::exists(Place("out/export.json")));
}

}  // namespace
}  // namespace netdissect
