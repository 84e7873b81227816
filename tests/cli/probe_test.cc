// probe: files, features that are used again, and messages.

#include <csignal>

#include "base/npy.h"
#include "cli/program.h"

namespace netdissect {
namespace {

class ProbeProgram : public ProgramTest {
 protected:
  Arguments Probe(const std::string& out, const Arguments& more) const {
    Arguments arguments = {"probe", "--network", Network(), "--out", Place(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // Seven categories of four pictures; a few costs are enough.
  Arguments Quick(const std::string& out, const Arguments& more = {}) const {
    Arguments arguments =
        Probe(out, {"--images", Images("pictures", 28), "--layer", "conv3", "--layer", "fc7",
                    "--cost", "1e-5", "--cost", "1e-3", "--folds", "3"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // A list with these labels of as many pictures; "" = none.
  std::string List(const std::string& name, const std::vector<std::string>& labels) const {
    Images("pictures", static_cast<int>(labels.size()));
    std::string list;
    for (size_t i = 0; i < labels.size(); ++i) {
      list += "pictures/" + std::to_string(i) + ".png " + labels[i] + "\n";
    }
    return scratch_.File(name + ".txt", list).string();
  }

  Outcome Fails(const Arguments& more) const {
    const Outcome outcome = Run(Probe("bad", more));
    EXPECT_EQ(outcome.status, 1) << outcome;
    EXPECT_FALSE(HasHalfWrittenFiles());
    return outcome;
  }
};

TEST_F(ProbeProgram, FilesAndKeys) {
  const Json json = Json::parse(RunWell(Quick("out", {"--json"})).out);
  EXPECT_EQ(json, ReadResult("out/probe.json"));
  EXPECT_TRUE(HasHeader(json, "probe"));
  EXPECT_TRUE(HasKeys(json, {"split", "left_out", "skipped", "pool", "chance", "classes"}));
  ASSERT_EQ(json["layers"].size(), 2u);
  for (const auto& [name, layer] : json["layers"].items()) {
    EXPECT_TRUE(
        HasKeys(layer, {"accuracy", "interval", "cost", "train", "test", "features", "costs"}));
    EXPECT_EQ(layer["train"], 21) << name;
    EXPECT_EQ(layer["test"], 7) << name;
    EXPECT_LE(layer["interval"][0], layer["accuracy"]);
    EXPECT_GE(layer["interval"][1], layer["accuracy"]);
  }
  const int features = json["layers"]["conv3"]["features"];
  EXPECT_EQ(ReadNpy(Place("out/features/conv3.npy")).shape, (std::vector<int64_t>{28, features}));
  for (const char* file :
       {"accuracy.csv", "accuracy.tex", "accuracy.png", "accuracy.svg", "costs.png", "options.toml",
        "confusion/conv3.csv", "confusion/conv3.png", "confusion/fc7.svg"}) {
    EXPECT_TRUE(Exists(scratch_.path() / "out" / file)) << file;
  }
}

TEST_F(ProbeProgram, FeaturesAreUsedAgainAsLongAsTheyAreOfTheSame) {
  RunWell(Quick("out"));
  const Json first = ReadResult("out/probe.json")["layers"];
  EXPECT_EQ(first["conv3"]["reused"], false);
  const auto reused = [&](const Arguments& more) {
    const Outcome outcome = RunWell(Quick("out", more));
    const Json layers = ReadResult("out/probe.json")["layers"];
    return std::pair<Json, std::string>(
        {layers["conv3"]["reused"], layers["fc7"]["reused"], layers["conv3"]["accuracy"]},
        outcome.err);
  };
  const Json accuracy = first["conv3"]["accuracy"];
  EXPECT_EQ(reused({"--seed", "0"}).first, Json({true, true, accuracy}));
  EXPECT_EQ(reused({"--force"}).first, Json({false, false, accuracy}));
  // A file that was cut is noticed, said and made again; the other one stays.
  const std::string bytes = ReadFile(Place("out/features/conv3.npy"));
  WriteFile(Place("out/features/conv3.npy"), bytes.substr(0, bytes.size() / 2));
  const auto [state, said] = reused({});
  EXPECT_EQ(state, Json({false, true, accuracy}));
  EXPECT_TRUE(HasAll(said, {"conv3.npy", "bytes", "anew"}));
  EXPECT_EQ(ReadFile(Place("out/features/conv3.npy")), bytes);
  // So is a number that is another one.
  std::string flipped = bytes;
  flipped[bytes.size() - 6] ^= 1;
  WriteFile(Place("out/features/conv3.npy"), flipped);
  const auto [flipped_state, flipped_said] = reused({});
  EXPECT_EQ(flipped_state, Json({false, true, accuracy}));
  EXPECT_TRUE(HasAll(flipped_said, {"conv3.npy", "digest", "anew"}));
  EXPECT_EQ(ReadFile(Place("out/features/conv3.npy")), bytes);
  WriteFile(Place("out/features/features.json"), "{\"netdissect\": ");
  EXPECT_EQ(reused({}).first, Json({false, false, accuracy}));
  EXPECT_EQ(reused({"--pool", "mean"}).first[0], false);
}

// As after a kill, with a number of what was kept another one since.
TEST_F(ProbeProgram, DamagedFeaturesOfAStoppedRunAreComputedAnew) {
  const std::string images = Images("pictures", 400);
  const auto probe = [&](const std::string& out) {
    return Probe(out, {"--images", images, "--layer", "conv3", "--cost", "1e-3", "--batch", "1"});
  };
  Running run;
  Start(probe("out"), run);
  const Path part = scratch_.path() / "out/features/conv3.npy.part";
  for (int i = 0; i < 4000 && !Exists(part); ++i) usleep(5000);
  kill(run.child, SIGTERM);
  if (Wait(run).status != 128 + SIGTERM) GTEST_SKIP() << "it ended before it could be stopped";
  std::string bytes = ReadFile(part);
  ASSERT_GT(bytes.size(), 200u);
  bytes[bytes.size() - 6] ^= 1;
  WriteFile(part, bytes);
  const Outcome again = RunWell(probe("out"));
  EXPECT_TRUE(HasAll(again.err, {"conv3.npy.part", "digest", "anew"}));
  RunWell(probe("whole"));
  EXPECT_EQ(ReadFile(Place("out/features/conv3.npy")), ReadFile(Place("whole/features/conv3.npy")));
  EXPECT_EQ(ReadResult("out/probe.json")["layers"], ReadResult("whole/probe.json")["layers"]);
}

TEST_F(ProbeProgram, ThreadsAndOrderOfLayersDoNotMatter) {
  RunWell(Quick("a"));
  Arguments threads = {"--threads", "1"};
  const Arguments quick = Quick("b", {"--batch", "5"});
  threads.insert(threads.end(), quick.begin(), quick.end());
  RunWell(threads);
  EXPECT_EQ(ReadResult("a/probe.json")["layers"]["fc7"],
            ReadResult("b/probe.json")["layers"]["fc7"]);
}

TEST_F(ProbeProgram, SetsOfTheirOwnForTraining) {
  const std::string test = Images("others", 14);
  RunWell(Quick("out", {"--test", test}));
  const Json json = ReadResult("out/probe.json");
  EXPECT_EQ(json["split"], "sets");
  EXPECT_EQ(json["layers"]["fc7"]["train"], 28);
  EXPECT_EQ(json["layers"]["fc7"]["test"], 14);
  // The same pictures in both parts are said.
  EXPECT_TRUE(
      HasAll(RunWell(Quick("same", {"--test", Place("pictures.txt")})).err, {"28 images", "both"}));
  // A descriptor with lists for both.
  Images("pictures", 28);
  scratch_.File("set.json", R"({"list": "others.txt", "train": "pictures.txt"})");
  RunWell(Probe("lists", {"--images", Place("set.json"), "--layer", "fc7", "--cost", "0.001"}));
  EXPECT_EQ(ReadResult("lists/probe.json")["split"], "lists");
  EXPECT_EQ(ReadResult("lists/probe.json")["layers"]["fc7"]["test"], 14);
}

TEST_F(ProbeProgram, NetworksAreBesideEachOther) {
  RunWell(Quick("out", {"--network", Network("other", 2)}));
  EXPECT_TRUE(Exists(scratch_.path() / "out/tiny/probe.json"));
  EXPECT_TRUE(Exists(scratch_.path() / "out/other/features/fc7.npy"));
  EXPECT_TRUE(HasAll(ReadFile(Place("out/accuracy.csv")), {"tiny,conv3", "other,fc7"}));
}

TEST_F(ProbeProgram, CategoriesWithOneImageAreLeftOutByName) {
  const std::string list = List("some", {"0", "0", "0", "0", "1", "1", "1", "5"});
  const Outcome outcome =
      RunWell(Probe("out", {"--images", list, "--layer", "fc7", "--cost", "0.001"}));
  EXPECT_TRUE(HasAll(outcome.err, {"1 categories", "class 5", "1 images"}));
  EXPECT_EQ(ReadResult("out/probe.json")["left_out"], Json({"class 5"}));
}

TEST_F(ProbeProgram, WhatCannotBeLearntIsSaid) {
  const std::string one = List("one", {"3", "3", "3", "3"});
  EXPECT_TRUE(HasAll(Fails({"--images", one, "--layer", "fc7"}).err,
                     {"one.txt", "at least 2 categories", "only class 3"}));
  const std::string none = List("none", {"", "", ""});
  EXPECT_TRUE(HasAll(Fails({"--images", none, "--layer", "fc7"}).err,
                     {"none.txt", "images with labels", "none"}));
  const std::string good = List("good", {"0", "0", "0", "0", "1", "1", "1", "1"});
  EXPECT_TRUE(HasAll(Fails({"--images", good, "--layer", "poool5"}).err, {"poool5", "pool5"}));
  EXPECT_TRUE(HasAll(Fails({"--images", good, "--layer", "conv3", "--pool", "40x40"}).err,
                     {"conv3", "40x40"}));
  // One picture under many names: no feature differs.
  for (int i = 1; i < 8; ++i) {
    WriteFile(Place("pictures/" + std::to_string(i) + ".png"), ReadFile(Place("pictures/0.png")));
  }
  EXPECT_TRUE(HasAll(Fails({"--images", good, "--layer", "fc7"}).err,
                     {"fc7.npy", "layer fc7", "constant"}));
}

TEST_F(ProbeProgram, BadUsage) {
  const std::string images = Images();
  for (const Arguments& bad :
       {Arguments{"--cost", "0"}, Arguments{"--pool", "median"}, Arguments{"--folds", "1"},
        Arguments{"--test-share", "1"}, Arguments{"--test", images, "--test-share", "0.5"}}) {
    EXPECT_EQ(Run(Quick("out", bad)).status, 2) << bad[0];
  }
}

}  // namespace
}  // namespace netdissect
