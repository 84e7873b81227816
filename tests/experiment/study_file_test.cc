#include "experiment/study_file.h"

#include <gtest/gtest.h>

#include "experiment/made_up_study.h"

namespace netdissect {
namespace {

TEST(StudyFile, ReadsWhatItSays) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["networks"] = {"one.json",
                      "bundled",
                      {{"network", "two.json"}, {"name", "second"}, {"layers", {"fire9/concat"}}},
                      {{"train", {{"images", "rooms.json"}, {"epochs", 2}}}, {"name", "scratch"}}};
  json["images"] = {"rooms.json", "world"};
  json["labels"] = {{{"network", "second"}, {"published", "classes.txt"}}};
  json["limit"] = 7;
  json["experiments"] = {{"rf", {{"sample", 24}}},
                         {"localize", false},
                         {"simplify", {{{"variant", "a"}, {"limit", 1}}, {{"variant", "b"}}}}};
  const Study study = made.Read(json);
  EXPECT_EQ(study.name, "study");
  ASSERT_EQ(study.networks.size(), 4u);
  EXPECT_EQ(study.networks[0].name, "one");
  EXPECT_EQ(study.networks[0].descriptor, made.Place("one.json"));
  EXPECT_EQ(study.networks[0].layers, (std::vector<std::string>{"conv1", "pool5"}));
  EXPECT_EQ(study.networks[1].descriptor, "bundled");
  EXPECT_EQ(study.networks[2].name, "second");
  EXPECT_EQ(study.networks[2].layers, std::vector<std::string>{"fire9/concat"});
  EXPECT_EQ(study.networks[3].train["images"], made.Place("rooms.json"));
  EXPECT_EQ(study.images, (std::vector<std::string>{made.Place("rooms.json"), "world"}));
  EXPECT_EQ(study.annotated, made.Place("rooms.json"));
  EXPECT_EQ(study.limit, 7);
  ASSERT_EQ(study.labels.size(), 1u);
  EXPECT_EQ(study.labels[0].published, made.Place("classes.txt"));
  EXPECT_EQ(study.experiments.at("rf").front().options, (Json{{"sample", 24}}));
  EXPECT_TRUE(study.experiments.at("localize").empty());
  ASSERT_EQ(study.experiments.at("simplify").size(), 2u);
  EXPECT_EQ(study.experiments.at("simplify")[0].name, "a");
  EXPECT_EQ(study.experiments.at("simplify")[0].options, (Json{{"limit", 1}}));
}

struct BadStudy {
  const char* pointer;  // where a value is put
  Json value;           // discarded: the key is removed
  std::vector<std::string> named;
};

TEST(StudyFile, SaysWhatIsWrong) {
  const MadeUpStudy made;
  const BadStudy cases[] = {
      {"/imagse", Json::array(), {"\"imagse\"", "\"images\""}},
      {"/networks/0", 5, {"networks[0]", "an object or a string", "5"}},
      {"/networks", Json::array(), {"networks", "found none"}},
      {"/networks/0", "three.json", {"networks[0].network", "three.json"}},
      {"/networks/0", {{"network", "one.json"}, {"layer", {"a"}}}, {"networks[0].layer", "layers"}},
      {"/networks/0", {{"name", "x"}}, {"networks[0].network", "neither"}},
      {"/networks/0",
       {{"network", "one.json"}, {"train", {{"images", "rooms.json"}}}},
       {"networks[0].train", "both"}},
      {"/networks/1", "one.json", {"networks[1].name", "\"one\" twice"}},
      {"/networks/1", {{"network", "one.json"}, {"name", "a/b"}}, {"networks[1].name", "a/b"}},
      {"/networks/1", {{"network", "one.json"}, {"name", ".."}}, {"networks[1].name", ".."}},
      {"/networks/0",
       {{"train", {{"epochs", 2}}}, {"name", "x"}},
       {"networks[0].train.images", "found nothing"}},
      {"/networks/0",
       {{"train", {{"images", "rooms.json"}, {"out", "x"}}}, {"name", "x"}},
       {"networks[0].train.out"}},
      {"/images", Json::array(), {"images", "found none"}},
      {"/images/0", "attic.json", {"images", "attic.json", "world"}},
      {"/annotated", "attic.json", {"annotated", "attic.json"}},
      {"/limit", -1, {"limit", "-1"}},
      {"/layers", "conv1", {"layers", "list of strings"}},
      {"/experiments", {{"rt", true}}, {"experiments.rt", "\"rf\""}},
      {"/experiments", {{"rf", 5}}, {"experiments.rf", "5"}},
      {"/experiments", {{"rf", {{"out", "x"}}}}, {"experiments.rf.out", "the study itself"}},
      {"/experiments", {{"rf", {{"k", {{"a", 1}}}}}}, {"experiments.rf.k", "a number, a string"}},
      {"/experiments",
       {{"rf", {{{"variant", "a"}}, {{"variant", "a"}}}}},
       {"experiments.rf", "another \"variant\"", "\"a\""}},
      {"/experiments", {{"rf", {{{"k", 1}}, {{"k", 2}}}}}, {"experiments.rf", "\"variant\""}},
      {"/labels", {{{"network", "three"}, {"published", "classes.txt"}}}, {"labels[0].network"}},
      {"/labels",
       {{{"network", "one"}, {"published", "no.csv"}}},
       {"labels[0].published", "no.csv"}},
  };
  for (const BadStudy& bad : cases) {
    Json json = made.Whole();
    json[Json::json_pointer(bad.pointer)] = bad.value;
    const std::string error = ErrorOf([&] { made.Read(json); });
    EXPECT_TRUE(HasAll(error, bad.named)) << json.dump();
    EXPECT_TRUE(HasAll(error, {"study.json"}));
  }
  Json json = made.Whole();
  json.erase("layers");
  EXPECT_TRUE(HasAll(ErrorOf([&] { made.Read(json); }), {"networks[0].layers", "found none"}));
}

// What a file is about is where people look when something that it names is not there.
TEST(StudyFile, AMissingFileIsNamedWithWhereToGetIt) {
  const MadeUpStudy made;
  Json json = made.Whole();
  json["about"] = "The tables are at example.org.";
  json["annotated"] = "attic.json";
  EXPECT_TRUE(HasAll(ErrorOf([&] { made.Read(json); }), {"attic.json", "example.org"}));
}

}  // namespace
}  // namespace netdissect
