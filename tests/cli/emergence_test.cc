#include <gtest/gtest.h>

#include "cli/program.h"

namespace netdissect {
namespace {

// Bedrooms with beds, kitchens with stoves, lamps now and then, and what people say of 6 units.
class EmergenceCommandTest : public ProgramTest {
 protected:
  std::string Object(const std::string& name, int left) const {
    return fmt::format(
        "<object><name>{0}</name><polygon><pt><x>{1}</x><y>4</y></pt><pt><x>{2}</x><y>4</y></pt>"
        "<pt><x>{2}</x><y>20</y></pt><pt><x>{1}</x><y>20</y></pt></polygon></object>",
        name, left, left + 12);
  }

  // Pictures need not be there: only annotations are read.
  std::string Rooms(int count = 24, const std::string& labels = "bedroom\nkitchen\n") const {
    std::string list;
    for (int i = 0; i < count; ++i) {
      list += fmt::format("p/{}.png {}\n", i, i % 2);
      std::string objects = Object(i % 2 == 0 ? "Beds" : "stove", 2);
      if (i % 3 == 0) objects += Object("lamp", 30);
      scratch_.File(fmt::format("xml/{}.xml", i),
                    "<annotation><imagesize><nrows>48</nrows><ncols>64</ncols></imagesize>" +
                        objects + "</annotation>");
    }
    scratch_.File("rooms.txt", list);
    scratch_.File("classes.txt", labels);
    return scratch_
        .File("rooms.json",
              Json{{"name", "rooms"},
                   {"list", "rooms.txt"},
                   {"labels", "classes.txt"},
                   {"annotations", {{"format", "labelme"}, {"root", "xml"}, {"strip", "p/"}}}}
                  .dump())
        .string();
  }

  std::string Labels(const std::string& name, const std::vector<std::string>& labels) const {
    std::string csv = "network,layer,unit,annotator,label,category,precision\n";
    for (size_t i = 0; i < labels.size(); ++i) {
      csv += fmt::format("{},pool5,{},1,{},2,0.9\n", name, i + 1, labels[i]);
    }
    const std::string file = scratch_.File(name + ".csv", csv).string();
    RunWell({"annotate", "import", "--published", file, "--out", Place(name)});
    return Place(name);
  }

  Arguments Emergence(const std::vector<std::string>& labels, const Arguments& more = {}) const {
    Arguments arguments = {
        "emergence",   "--images", Place("rooms.json"), "--out", Place("out"), "--min-images", "3",
        "--resamples", "50",       "--permutations",    "99"};
    for (const std::string& place : labels) {
      arguments.insert(arguments.end(), {"--labels", place});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(EmergenceCommandTest, SetsUnitsBesideFrequencyAndInformation) {
  Rooms();
  const std::string labels = Labels("one", {"bed", "beds", "oven", "stoves", "bed", "unicorn"});
  scratch_.File("aliases.json", R"({"oven": "stove", "stoves": "stove"})");
  const Outcome outcome = RunWell(Emergence({labels}, {"--aliases", Place("aliases.json")}));
  EXPECT_TRUE(HasAll(outcome.out, {"one", "bed (3)", "paper", "0.54", "0.84", "all 3 objects"}))
      << outcome;
  EXPECT_TRUE(HasAll(outcome.err, {"1 units name no object", "unicorn (1)"})) << outcome;
  const Json json = ReadResult("out/emergence.json");
  EXPECT_TRUE(HasHeader(json, "emergence"));
  for (const Json& object : json["objects"]) {
    EXPECT_TRUE(HasKeys(object, {"name", "frequency", "units", "informative"}));
    const std::string name = object["name"];
    EXPECT_EQ(object["frequency"], name == "lamp" ? 8 : 12);
    EXPECT_EQ(object["units"], name == "bed" ? 3 : name == "stove" ? 2 : 0);
    EXPECT_EQ(object["informative"], name == "lamp" ? 0 : 1);
  }
  for (const char* key : {"frequency_units", "units_informative", "difference", "partial"}) {
    EXPECT_TRUE(HasKeys(json["correlations"][key], {"pearson", "spearman", "interval", "p"}));
  }
  EXPECT_EQ(json["unmatched"],
            (Json::array({{{"label", "unicorn"}, {"units", 1}, {"images", 0}}})));
  EXPECT_EQ(json["presence"]["accuracy"], 1);
  for (const char* file :
       {"emergence.csv", "correlations.tex", "categories.csv", "presence.csv", "figure9.png",
        "figure9.svg", "figure9_correlations.png", "options.toml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("out/") + file)) << file;
  }
  // Said again with the same seed it is the same, whatever the threads.
  const std::string before = ReadFile(Place("out/emergence.csv"));
  RunWell({"--threads", "1", "--config", Place("out/options.toml"), "emergence"});
  EXPECT_EQ(ReadResult("out/emergence.json")["correlations"], json["correlations"]);
  EXPECT_EQ(ReadFile(Place("out/emergence.csv")), before);
}

TEST_F(EmergenceCommandTest, SeveralNetworksStandBesideEachOther) {
  Rooms();
  const std::string one = Labels("one", {"bed", "stove", "lamp"}), two = Labels("two", {"bed", ""});
  const Outcome outcome = RunWell(Emergence({one, two}));
  EXPECT_TRUE(HasAll(outcome.out, {"units, one", "units, two"})) << outcome;
  EXPECT_EQ(ReadResult("out/one/emergence.json")["units_with_object"], 3);
  EXPECT_EQ(ReadResult("out/two/emergence.json")["units_with_object"], 1);
  EXPECT_TRUE(std::filesystem::exists(Place("out/figure9.png")));
}

TEST_F(EmergenceCommandTest, ANetworkWithoutLabelsHasNoCorrelation) {
  Rooms();
  const std::string none = Labels("none", {"bed", "stove"});
  Json labels = ReadResult("none/annotation.json");
  for (Json& unit : labels["layers"]["pool5"]["units"]) unit["label"] = nullptr;
  WriteJson(Path(none) / "annotation.json", labels);
  const Outcome outcome = RunWell(Emergence({Labels("one", {"bed", "stove"}), none}));
  EXPECT_TRUE(HasAll(outcome.err, {"none: none of the 2 units has a label"})) << outcome;
  const Json json = ReadResult("out/none/emergence.json");
  EXPECT_TRUE(json["correlations"]["units_informative"]["pearson"].is_null());
  EXPECT_EQ(json["units_without_label"], 2);
}

TEST_F(EmergenceCommandTest, SaysWhatIsWrong) {
  Rooms();
  const auto fails = [&](const Arguments& arguments, const std::vector<std::string>& words) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 1) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, words)) << outcome;
    EXPECT_FALSE(std::filesystem::exists(Place("out/emergence.json")));
  };
  const std::string strange = Labels("strange", {"unicorn", "dragon"});
  fails(Emergence({strange}), {"strange", "3 objects", "such as", "found none", "dragon (1)"});
  const std::string good = Labels("good", {"bed", "stove"});
  fails(Emergence({good}, {"--layer", "conv9"}), {"conv9", "pool5"});
  fails(Emergence({Place("nowhere")}), {"annotation.json", "found no such file"});
  fails(Emergence({good}, {"--network", Network()}), {"tiny", "good", "another digest"});
  fails(Emergence({good}, {"--min-category", "13"}), {"2 categories", "13", "found 0 of 2"});
  Rooms(13);  // 7 bedrooms, 6 kitchens
  fails(Emergence({good}, {"--min-category", "7"}), {"2 categories", "found 1 of 2"});
  const Outcome outcome = RunWell(Emergence({good}, {"--min-category", "6"}));
  EXPECT_EQ(outcome.status, 0);
}

}  // namespace
}  // namespace netdissect
