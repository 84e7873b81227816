// reproduce: a whole study, run again, interrupted, changed and failing in part.

#include <sys/resource.h>

#include <csignal>
#include <map>

#include "base/random.h"
#include "base/slowness.h"
#include "cli/tiny_study.h"

namespace netdissect {
namespace {

class ReproduceProgramTest : public TinyStudyTest {};

// Of all runs of the program so far: what else the machine does matters less to it than to a clock.
double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST_F(ReproduceProgramTest, RunsAllThenNothingThenWhatChanged) {
  const Json study = TinyStudy({"one", "two"});
  const Outcome first = RunWell(Reproduce(study));
  EXPECT_TRUE(HasAll(first.out, {"rf one", "emergence", "probe two", "done", "To read: "}));
  EXPECT_TRUE(HasAll(first.err, {"/24] rf two: not done yet", "all: ", " left"}));
  EXPECT_TRUE(Exists(scratch_.path() / "out/report.html"));
  const Json result = ReadResult("out/reproduce.json");
  EXPECT_TRUE(HasHeader(result, "reproduce"));
  ASSERT_EQ(result["experiments"].size(), 24u);
  for (const Json& step : result["experiments"]) {
    EXPECT_TRUE(HasKeys(step, {"name", "command", "state", "seconds", "error"}));
    EXPECT_EQ(step["state"], "done") << step;
    const Path file = scratch_.path() / "out" / step["result"].get<std::string>();
    EXPECT_TRUE(Exists(file)) << file;
  }
  // What commands print for people is kept; saved options run a step again.
  EXPECT_TRUE(HasAll(ReadFile(Place("out/rf/one/output.txt")), {"pool1", "pool5"}));
  const Json fields = ReadResult("out/rf/one/rf.json")["layers"];
  RunWell({"--config", Place("out/rf/one/options.toml"), "rf"});
  EXPECT_EQ(ReadResult("out/rf/one/rf.json")["layers"], fields);
  EXPECT_FALSE(HasHalfWrittenFiles());

  const double before = ProcessorSeconds();
  const Outcome again = RunWell(Reproduce(study));
  EXPECT_LT(ProcessorSeconds() - before, 5 * kSlowness);
  EXPECT_EQ(StepsIn("reused").size(), 24u);
  EXPECT_TRUE(HasAll(again.err, {"[9/24] rf one: reused"}));
  // The same from its own saved options.
  RunWell({"--config", Place("out/options.toml"), "reproduce"});
  EXPECT_EQ(StepsIn("reused").size(), 24u);

  SceneNetwork("two", 7);
  const Outcome dry = RunWell(Reproduce(study, {"--dry-run"}));
  EXPECT_TRUE(HasAll(dry.out, {"rf one", "reused", "network two has changed", "all"})) << dry;
  EXPECT_EQ(StepsIn("reused").size(), 24u);  // nothing was written
  const Outcome changed = RunWell(Reproduce(study));
  EXPECT_TRUE(HasAll(changed.err, {"rf two: network two has changed", "rf one: reused"}));
  for (const std::string& name : StepsIn("done")) {
    const bool of_all = name == "semantics" || name == "emergence";
    EXPECT_TRUE(of_all || name.find("two") != std::string::npos) << name;
  }
  EXPECT_EQ(StepsIn("done").size(), 13u);
}

// Of all results below a folder, but for what depends on the clock and on what was there before.
std::map<std::string, Json> ResultsBelow(const Path& folder) {
  const std::function<void(Json&)> strip = [&](Json& json) {
    if (json.is_object()) {
      for (const char* key : {"seconds", "peak_memory", "seconds_per_image", "stored", "reused",
                              "state", "occluders", "macs", "pairs"}) {
        json.erase(key);
      }
    }
    if (json.is_structured()) {
      for (Json& item : json) strip(item);
    }
  };
  std::map<std::string, Json> results;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    Json& json = results[entry.path().lexically_relative(folder).string()];
    json = ReadJson(entry.path());
    strip(json);
  }
  return results;
}

TEST_F(ReproduceProgramTest, KilledAtAnyMomentItGoesOn) {
  const Json study = TinyStudy({"one"});
  RunWell(Reproduce(study));
  std::filesystem::rename(Place("out"), Place("whole"));
  Random random(3);
  int kills = 0;
  for (int i = 0; i < 5; ++i) {
    Running run;
    Start(Reproduce(study), run);
    usleep(static_cast<useconds_t>(300'000 + random.Below(1'200'000)));
    kills += kill(run.child, SIGKILL) == 0 ? 1 : 0;
    Wait(run);
  }
  EXPECT_EQ(kills, 5);
  RunWell(Reproduce(study));
  const auto whole = ResultsBelow(scratch_.path() / "whole");
  const auto resumed = ResultsBelow(scratch_.path() / "out");
  EXPECT_GE(whole.size(), 11u);
  for (const auto& [file, json] : whole) {
    ASSERT_EQ(resumed.count(file), 1u) << file;
    EXPECT_EQ(resumed.at(file), json) << file;
  }
  EXPECT_EQ(resumed.size(), whole.size());
}

TEST_F(ReproduceProgramTest, ASignalStopsItAndItGoesOn) {
  Json study = TinyStudy({"one"});
  study["experiments"]["rf"] = {{"engine", "full"}, {"stride", 5}, {"k", 2}};
  Running run;
  Start(Reproduce(study), run);
  const Path responses = scratch_.path() / "out/rf/one/rf/responses";
  for (int i = 0; i < 4000 && !std::filesystem::exists(responses); ++i) usleep(5000);
  kill(run.child, SIGTERM);
  const Outcome stopped = Wait(run);
  EXPECT_EQ(stopped.status, 128 + SIGTERM) << stopped;
  EXPECT_TRUE(HasAll(stopped.err, {"stopped after", "unit-image pairs"})) << stopped;
  EXPECT_EQ(StepsIn("done").count("record one"), 1u);
  EXPECT_EQ(StepsIn("done").count("rf one"), 0u);
  EXPECT_FALSE(HasHalfWrittenFiles());
}

TEST_F(ReproduceProgramTest, GoesOnPastWhatFails) {
  Json study = TinyStudy({"one", "two"});
  study["networks"][1] = {{"network", "two.json"}, {"layers", {"pool9"}}};
  for (const char* left_out : {"record", "localize", "simplify", "probe", "segment", "info"}) {
    study["experiments"][left_out] = false;
  }
  const Outcome outcome = Run(Reproduce(study));
  EXPECT_EQ(outcome.status, 1) << outcome;
  EXPECT_TRUE(HasAll(outcome.err, {"rf two", "pool9", "5 of 12 experiments failed"})) << outcome;
  EXPECT_TRUE(HasAll(outcome.out, {"not run: needs annotate auto two, which failed"})) << outcome;
  EXPECT_EQ(StepsIn("failed"), (std::set<std::string>{"rf two", "annotate auto two", "evaluate two",
                                                      "semantics", "emergence"}));
  EXPECT_EQ(StepsIn("done").count("evaluate one"), 1u);
}

TEST_F(ReproduceProgramTest, WhatIsWrongIsFoundBeforeAnythingRuns) {
  const auto fails = [&](Json study, int status, const std::vector<std::string>& words) {
    const Outcome outcome = Run(Reproduce(study));
    EXPECT_EQ(outcome.status, status) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, words)) << outcome;
    EXPECT_FALSE(Exists(Place("out")));
  };
  const Json good = TinyStudy({"one"});
  Json study = good;
  study["experiments"]["rf"] = {{"sampel", 2}};
  fails(study, 2, {"experiments.rf", "`rf`", "\"sampel\"", "\"sample\""});
  study["experiments"]["rf"] = {{"threshold", 3}};
  fails(study, 2, {"experiments.rf", "threshold", "3"});
  study["experiments"]["rf"] = {{"sample", 2}, {"units", "3,4"}};
  fails(study, 2, {"experiments.rf", "--sample", "excludes --units"});
  study = good;
  study["networks"].push_back(
      {{"name", "x"}, {"train", {{"images", "world/rooms.json"}, {"epoch", 1}}}});
  fails(study, 2, {"train of x", "\"epoch\"", "\"epochs\""});
  study = good;
  study["network"] = "one.json";
  fails(study, 1, {"study.json", "\"network\"", "\"networks\""});
  const Outcome missing = Run({"reproduce", "no/such.json", "--out", Place("out")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_TRUE(HasAll(missing.err, {"no/such.json"}));
}

// A network that a study trains itself, and everything that is then done with it.
TEST_F(ReproduceProgramTest, TrainsANetwork) {
  RunWell({"synth", "--kind", "scenes", "--train", "32", "--val", "16", "--size", "64", "--out",
           Place("more")});
  Json study = TinyStudy({"one"});
  study["networks"] = {{{"name", "scratch"},
                        {"train",
                         {{"images", "more/scenes.json"},
                          {"width", 0.05},
                          {"fc", 16},
                          {"epochs", 1},
                          {"batch", 16},
                          {"mean", {100, 110, 120}}}}}};
  const Arguments only = {"--only", "classify", "--only", "rf"};
  RunWell(Reproduce(study, only));
  EXPECT_EQ(StepsIn("done"),
            (std::set<std::string>{"train scratch", "classify scratch rooms",
                                   "classify scratch others", "record scratch", "rf scratch"}));
  EXPECT_EQ(ReadResult("out/rf/scratch/rf.json")["netdissect"]["network"]["name"], "scratch");
  EXPECT_EQ(ReadResult("out/train/scratch/scratch.json")["input"]["mean"], (Json{100, 110, 120}));
  RunWell(Reproduce(study, only));
  EXPECT_EQ(StepsIn("reused").size(), 5u);
}

}  // namespace
}  // namespace netdissect
