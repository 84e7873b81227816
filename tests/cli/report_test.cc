// netdissect report: the page's data, the page with pictures beside it, and what it refuses. The
// page itself is used in tests/page/report.py.

#include <regex>

#include "cli/program.h"

namespace netdissect {
namespace {

class Report : public ProgramTest {
 protected:
  /// What a page has to say.
  Json DataOf(const std::string& page) const {
    const std::string text = ReadFile(Place(page));
    const std::string begin = "id=\"data\">", end = "</script>";
    const size_t from = text.find(begin) + begin.size();
    return Json::parse(text.substr(from, text.find(end, from) - from));
  }
};

TEST_F(Report, ShowsWhatIsInTheFolderAndWhatWouldMakeTheRest) {
  const std::string network = Network(), images = Images("pictures", 4);
  RunWell({"rf", "--network", network, "--images", images, "--layer", "pool1", "--units", "0,2",
           "--k", "2", "--stride", "40", "--pipelines", "--out", Place("runs/rf")});
  RunWell({"info", "--network", network, "--out", Place("runs/info")});
  const Outcome outcome = RunWell({"report", Place("runs")});
  EXPECT_TRUE(HasAll(outcome.out, {"runs/report.html", "2 units"})) << outcome;
  const Json data = DataOf("runs/report.html");
  EXPECT_EQ(data["title"], "runs");
  EXPECT_EQ(data["units"].size(), 2U);
  for (const Json& unit : data["units"]) {
    EXPECT_TRUE(unit.contains("silent") || unit.contains("size"));
    EXPECT_EQ(unit["field"].get<std::string>().rfind("data:image/jpeg;base64,", 0), 0U);
    EXPECT_EQ(unit["pipeline"].get<std::string>().rfind("data:image/jpeg;base64,", 0), 0U);
  }
  // The command of a section runs as it stands.
  std::string made, missing;
  for (const Json& section : data["sections"]) {
    if (section["id"] == "fields") made = section["commands"][0];
    if (section["id"] == "emergence") missing = section["missing"];
  }
  EXPECT_TRUE(HasAll(made, {"netdissect rf", "--layer pool1", "--units 0,2", "--pipelines"}))
      << made;
  EXPECT_EQ(missing.rfind("netdissect emergence", 0), 0U) << missing;
  const std::string before = ReadFile(Place("runs/rf/table2.csv"));
  made.replace(0, std::string("netdissect").size(), NETDISSECT_PROGRAM);
  EXPECT_EQ(std::system((made + " >/dev/null 2>&1").c_str()), 0) << made;
  EXPECT_EQ(ReadFile(Place("runs/rf/table2.csv")), before);
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(Report, MayHaveItsPicturesBesideIt) {
  RunWell({"rf", "--network", Network(), "--images", Images("pictures", 4), "--layer", "pool1", "--units", "1",
           "--k", "2", "--stride", "40", "--out", Place("rf")});
  RunWell({"report", Place("rf"), "--folder", "--out", Place("page"), "--title", "Two & three"});
  const Json data = DataOf("page/report.html");
  EXPECT_EQ(data["title"], "Two & three");
  const std::string picture = data["units"][0]["field"];
  EXPECT_TRUE(std::regex_match(picture, std::regex("report/[0-9]+\\.jpg"))) << picture;
  EXPECT_TRUE(Exists(Place("page/" + picture)));
}

TEST_F(Report, RefusesAFolderWithoutResults) {
  const Outcome missing = Run({"report", Place("nowhere")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_TRUE(HasAll(missing.err, {"nowhere", "expected a folder"})) << missing;
  std::filesystem::create_directories(Place("empty"));
  const Outcome empty = Run({"report", Place("empty")});
  EXPECT_EQ(empty.status, 1);
  EXPECT_TRUE(HasAll(empty.err, {"empty", "expected results", "netdissect reproduce"})) << empty;
  // What is no result is said, and the rest is shown.
  RunWell({"info", "--network", Network(), "--out", Place("some")});
  WriteFile(Place("some/rf.json"), "{\"layers\": {}}");
  const Outcome some = RunWell({"report", Place("some")});
  EXPECT_TRUE(HasAll(some.err, {"left out", "rf.json"})) << some;
  EXPECT_EQ(DataOf("some/report.html")["left_out"].size(), 1U);
}

}  // namespace
}  // namespace netdissect
