// netdissect synth: what it writes, prints and refuses.

#include "cli/program.h"

namespace netdissect {
namespace {

class Synth : public ProgramTest {
 protected:
  Arguments Few(const Arguments& more = {}) const {
    Arguments arguments = {"synth", "--out", Place("world"), "--train", "4",
                           "--val", "2",     "--size",       "64"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Synth, WritesBothSetsAndSaysWhatIsInThem) {
  const Outcome outcome = RunWell(Few());
  EXPECT_TRUE(
      HasAll(outcome.out, {"scenes: 6 images", "objects: 6 images", "informative for", "bedroom"}));
  for (const char* file :
       {"world.json", "scenes.json", "objects_labelme.json", "contact_sheet.png",
        "contact_sheet_objects.png", "options.toml", "scenes/images/bedroom/val_000000.jpg",
        "scenes/labels/bedroom/val_000000.png", "objects/annotations/person/train_000000.xml"}) {
    EXPECT_TRUE(std::filesystem::exists(Place("world/") + file)) << file;
  }
  const Json result = ReadResult("world/synth.json");
  EXPECT_TRUE(HasHeader(result, "synth"));
  EXPECT_EQ(result["sets"]["scenes"]["images"], 6);
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(Synth, JsonIsTheFileAndItsWorldIsReused) {
  const Outcome first = RunWell(Few({"--kind", "scenes", "--json"}));
  EXPECT_EQ(Json::parse(first.out), ReadResult("world/synth.json"));
  EXPECT_FALSE(std::filesystem::exists(Place("world/objects")));
  const Outcome second = RunWell(Few({"--kind", "scenes", "--json"}));
  EXPECT_EQ(first.out, second.out);
  EXPECT_TRUE(HasAll(second.err, {"0 images", "6 were there already"}));
}

TEST_F(Synth, OtherOptionsAreRefusedUnlessForced) {
  RunWell(Few({"--kind", "objects"}));
  const Outcome outcome = Run(Few({"--kind", "objects", "--quality", "50"}));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(HasAll(outcome.err, {"world.json", "--force"}));
  RunWell(Few({"--kind", "objects", "--quality", "50", "--force"}));
}

TEST_F(Synth, SeedChangesThePictures) {
  RunWell(Few({"--kind", "scenes"}));
  const std::string picture = Place("world/scenes/images/bedroom/train_000000.jpg");
  const std::string before = ReadFile(picture);
  Arguments arguments = {"--seed", "5"};
  for (const std::string& word : Few({"--kind", "scenes", "--force"})) arguments.push_back(word);
  RunWell(arguments);
  EXPECT_NE(before, ReadFile(picture));
}

TEST_F(Synth, TheWorldClassifies) {
  RunWell(Few({"--kind", "scenes"}));
  const Outcome outcome = RunWell({"classify", "--network", Network(), "--images",
                                   Place("world/scenes.json"), "--out", Place("out"), "--json"});
  EXPECT_EQ(Json::parse(outcome.out)["images"], 2);
}

TEST_F(Synth, BadUsage) {
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"--size", "32"},
                                                        {"--size", "1000"},
                                                        {"--kind", "dreams"},
                                                        {"--train", "-1"},
                                                        {"--quality", "0"}}) {
    const Outcome outcome = Run({"synth", "--out", Place("world"), option, value});
    EXPECT_EQ(outcome.status, 2) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, {option}));
  }
  const Outcome nothing = Run({"synth", "--out", Place("world"), "--train", "0", "--val", "0"});
  EXPECT_EQ(nothing.status, 1) << nothing;
  EXPECT_TRUE(HasAll(nothing.err, {"train, val"}));
}

}  // namespace
}  // namespace netdissect
