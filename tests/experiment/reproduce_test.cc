#include "experiment/reproduce.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "experiment/made_up_study.h"
#include "experiment/study_clock.h"

namespace netdissect {
namespace {

// Keeps what it is told, and asks for an end after some steps.
class Listener : public Observer {
 public:
  void Warning(const std::string& message) override { warnings += message + "\n"; }
  void Note(const std::string& message) override { notes += message + "\n"; }
  bool StopRequested() override { return stop; }
  std::string warnings, notes;
  bool stop = false;
};

// Steps whose results are their words.
class ReproduceTest : public testing::Test {
 protected:
  ReproduceTest() { options_.out = made_.Place("out"); }

  // The names of the steps that were run.
  std::vector<std::string> Run(const Json& json) {
    const Study study = made_.Read(json);
    const StudyFacts facts = made_.FactsOf(study);
    listener_ = Listener();
    std::vector<std::string> names;
    const auto run = [&](const StudyStep& step, const StepFrame& frame) {
      EXPECT_TRUE(HasAll(frame.before, {step.name}));
      EXPECT_TRUE(HasAll(frame.after(), {"all: ", "left"}));
      names.push_back(step.name);
      if (before_step_) before_step_(step);
      WriteJson(options_.out / step.result,
                {{"netdissect", Json::object()}, {"words", step.Words(options_.out)}});
    };
    const auto estimate = [](const std::vector<StudyStep>& steps) {
      return std::vector<double>(steps.size(), 1);
    };
    last_ = RunReproduce(study, facts, sources_, options_, run, estimate, listener_);
    return names;
  }

  Json Result() const { return ReadJson(options_.out / "reproduce.json"); }

  std::map<std::string, std::string> States() const {
    std::map<std::string, std::string> states;
    const Json result = Result();
    for (const Json& step : result["experiments"]) states[step["name"]] = step["state"];
    return states;
  }

  static bool Contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  const MadeUpStudy made_;
  const StudySources sources_{[](const std::string& name) { return name; },
                              [](const std::string& name) { return name; }};
  ReproduceOptions options_;
  std::function<void(const StudyStep&)> before_step_;
  Listener listener_;
  ReproduceRun last_;
};

TEST_F(ReproduceTest, RunsAllOnceAndThenNothing) {
  const std::vector<std::string> planned = NamesOf(made_.Plan(made_.Whole()));
  EXPECT_EQ(Run(made_.Whole()), planned);
  const Json result = Result();
  EXPECT_EQ(result["netdissect"]["command"], "reproduce");
  EXPECT_EQ(result["netdissect"]["images"].size(), 2u);
  EXPECT_EQ(result["finished"], true);
  ASSERT_EQ(result["experiments"].size(), planned.size());
  for (size_t i = 0; i < planned.size(); ++i) {
    const Json& step = result["experiments"][i];
    EXPECT_EQ(step["name"], planned[i]);
    EXPECT_EQ(step["state"], "done");
    EXPECT_TRUE(step["error"].is_null());
    EXPECT_GE(step["seconds"].get<double>(), 0);
    EXPECT_TRUE(Exists(options_.out / step["result"].get<std::string>()));
  }
  EXPECT_TRUE(Run(made_.Whole()).empty());
  for (const auto& [name, state] : States()) EXPECT_EQ(state, "reused") << name;
  EXPECT_TRUE(Run(made_.Whole()).empty());  // what was reused is reused again
  EXPECT_EQ(last_.failed, 0);
  options_.force = true;
  EXPECT_EQ(Run(made_.Whole()), planned);
}

TEST_F(ReproduceTest, WhatChangedIsRunAgainWithWhatDependsOnIt) {
  using Names = std::vector<std::string>;
  const Json whole = made_.Whole();
  Run(whole);
  // A network: its own steps, and those of all networks.
  made_.Network("two", "other weights");
  Names names = Run(whole);
  EXPECT_EQ(names, (Names{"info two", "classify two rooms", "record two", "rf two",
                          "annotate auto two", "segment two", "evaluate two", "localize two",
                          "simplify two", "semantics", "emergence", "probe two"}));
  EXPECT_TRUE(
      HasAll(listener_.notes, {"rf two: network two has changed",
                               "semantics: annotate auto two has changed", "rf one: reused"}));
  // An option, and what builds on it.
  Json json = whole;
  json["experiments"]["rf"]["sample"] = 3;
  EXPECT_EQ(Run(json), (Names{"rf one", "rf two", "localize one", "localize two"}));
  EXPECT_TRUE(HasAll(listener_.notes, {"rf one: its options have changed"}));
  EXPECT_TRUE(Run(json).empty());
  EXPECT_EQ(Run(whole), (Names{"rf one", "rf two", "localize one", "localize two"}));
  // A picture of the set that is not annotated.
  made_.scratch_.File("objects/1.png", "another picture");
  EXPECT_EQ(Run(whole), (Names{"record one", "record two", "rf one", "rf two", "segment one",
                               "segment two", "localize one", "localize two"}));
  EXPECT_TRUE(HasAll(listener_.notes, {"record one: image set objects.json has changed"}));
  // An annotation.
  made_.scratch_.File("xml/1.xml", "<annotation/>");
  names = Run(whole);
  EXPECT_TRUE(Contains(names, "annotate auto one"));
  EXPECT_TRUE(Contains(names, "emergence"));
  EXPECT_FALSE(Contains(names, "record one"));
  EXPECT_FALSE(Contains(names, "probe one"));
  // A result that is gone.
  std::filesystem::remove(options_.out / "probe/one/probe.json");
  EXPECT_EQ(Run(whole), Names{"probe one"});
  EXPECT_TRUE(HasAll(listener_.notes, {"probe one: probe/one/probe.json is gone"}));
  options_.seed = 5;
  EXPECT_EQ(Run(whole), NamesOf(made_.Plan(whole)));
}

TEST_F(ReproduceTest, GoesOnPastAStepThatFails) {
  before_step_ = [](const StudyStep& step) {
    if (step.name == "record two") Fail("no luck");
  };
  const std::vector<std::string> names = Run(made_.Whole());
  EXPECT_TRUE(Contains(names, "rf one"));
  EXPECT_FALSE(Contains(names, "rf two"));
  EXPECT_TRUE(Contains(names, "probe two"));
  EXPECT_EQ(last_.failed, 4);  // segment two and localize two, which needs rf two, too
  EXPECT_TRUE(HasAll(listener_.warnings, {"record two: no luck"}));
  std::map<std::string, Json> steps;
  const Json result = Result();
  for (const Json& step : result["experiments"]) steps[step["name"]] = step;
  EXPECT_EQ(steps["record two"]["state"], "failed");
  EXPECT_EQ(steps["record two"]["error"], "no luck");
  EXPECT_EQ(steps["rf two"]["error"], "not run: needs record two, which failed");
  EXPECT_EQ(steps["localize two"]["error"], "not run: needs rf two, which failed");
  EXPECT_EQ(steps["rf one"]["state"], "done");
  EXPECT_TRUE(HasAll(OutcomeTable(last_).Text(), {"record two", "failed", "rf/one"}));
  // Once it can be done, it is, and nothing else.
  before_step_ = nullptr;
  EXPECT_EQ(Run(made_.Whole()),
            (std::vector<std::string>{"record two", "rf two", "segment two", "localize two"}));
  EXPECT_EQ(last_.failed, 0);
}

TEST_F(ReproduceTest, AStepThatLeavesNoResultHasFailed) {
  const Study study = made_.Read(made_.Whole());
  options_.only = {"info one"};
  const ReproduceRun run = RunReproduce(
      study, made_.FactsOf(study), sources_, options_, [](const StudyStep&, const StepFrame&) {},
      [](const std::vector<StudyStep>& steps) { return std::vector<double>(steps.size(), 1); },
      listener_);
  ASSERT_EQ(run.steps.size(), 1u);
  EXPECT_EQ(run.steps[0].state, StepState::kFailed);
  EXPECT_TRUE(HasAll(run.steps[0].error, {"info/one/info.json", "no such file"}));
}

// At every step: what was done before it is reused, and it itself is run again.
TEST_F(ReproduceTest, GoesOnAfterAStop) {
  const std::vector<std::string> planned = NamesOf(made_.Plan(made_.Whole()));
  for (size_t at = 0; at < planned.size(); at += 6) {
    std::filesystem::remove_all(options_.out);
    before_step_ = [&](const StudyStep& step) {
      if (step.name == planned[at]) throw Stopped("stopped within");
    };
    EXPECT_THROW(Run(made_.Whole()), Stopped);
    EXPECT_EQ(Result()["finished"], false);
    before_step_ = nullptr;
    EXPECT_EQ(Run(made_.Whole()),
              std::vector<std::string>(planned.begin() + static_cast<long>(at), planned.end()));
  }
  std::filesystem::remove_all(options_.out);
  before_step_ = [&](const StudyStep& step) { listener_.stop = step.name == "rf one"; };
  EXPECT_THROW(Run(made_.Whole()), Stopped);
  EXPECT_EQ(States().count("rf one"), 1u);  // it was finished
  EXPECT_EQ(States().count("rf two"), 0u);
}

// A step that is stopped while it replaces an older result leaves what is neither: with the old
// options again, it is not taken for the old one.
TEST_F(ReproduceTest, AHalfReplacedResultIsNotReused) {
  Run(made_.Whole());
  Json json = made_.Whole();
  json["experiments"]["rf"]["sample"] = 3;
  before_step_ = [](const StudyStep& step) {
    if (step.name == "rf one") throw Stopped("stopped within");
  };
  EXPECT_THROW(Run(json), Stopped);
  EXPECT_EQ(States().count("rf one"), 0u);
  EXPECT_EQ(States()["rf two"], "done");  // by the run before
  before_step_ = nullptr;
  EXPECT_EQ(Run(made_.Whole()), std::vector<std::string>{"rf one"});
}

// Whatever stands in a step's folder, tables and pictures too, is what the step has left there.
TEST_F(ReproduceTest, WhatWasDamagedIsSaidAndRunAgain) {
  before_step_ = [&](const StudyStep& step) {
    if (step.name == "rf one") WriteFile(options_.out / step.folder / "maps/unit.png", "a map");
  };
  Run(made_.Whole());
  const Path result = options_.out / "rf/one/rf.json", map = options_.out / "rf/one/maps/unit.png";
  for (const Path& file : {result, map}) {
    const std::string whole = ReadFile(file);
    std::string damaged = whole;
    damaged[whole.size() / 2] ^= 1;
    WriteFile(file, damaged);
    EXPECT_EQ(Run(made_.Whole()), std::vector<std::string>{"rf one"}) << file;
    EXPECT_TRUE(HasAll(listener_.notes, {"rf one: " + file.string(), "expected the"}));
    EXPECT_EQ(ReadFile(file), whole);
  }
  std::filesystem::remove(map);
  EXPECT_EQ(Run(made_.Whole()), std::vector<std::string>{"rf one"});
  // What others put beside it is theirs; a result may be changed by hand, or by its command.
  WriteFile(options_.out / "rf/one/notes.txt", "to be read again");
  WriteFile(result, "{\"changed\": true}");
  EXPECT_TRUE(Run(made_.Whole()).empty());
  EXPECT_EQ(ReadFile(result), "{\"changed\": true}");
}

// A run that is stopped before its page is written leaves none that is of other results.
TEST_F(ReproduceTest, ThePageIsOfWhatIsThere) {
  Run(made_.Whole());
  const Path page = options_.out / "report.html";
  WriteFile(page, "a page");
  EXPECT_TRUE(Run(made_.Whole()).empty());
  EXPECT_TRUE(Exists(page));
  std::filesystem::remove(options_.out / "probe/one/probe.json");
  Run(made_.Whole());
  EXPECT_FALSE(Exists(page));
}

TEST_F(ReproduceTest, OnlyKeepsWhatIsSaidOfTheRest) {
  Run(made_.Whole());
  const size_t all = Result()["experiments"].size();
  options_.only = {"rf one"};
  made_.Network("one", "other weights");
  EXPECT_EQ(Run(made_.Whole()), (std::vector<std::string>{"record one", "rf one"}));
  EXPECT_EQ(Result()["experiments"].size(), all);
  options_.only.clear();
  const std::vector<std::string> rest = Run(made_.Whole());
  EXPECT_TRUE(Contains(rest, "probe one"));
  EXPECT_FALSE(Contains(rest, "rf one"));
}

TEST_F(ReproduceTest, ADamagedFileIsSaidAndAllIsRun) {
  Run(made_.Whole());
  for (const char* text : {"{", "[]", "{\"netdissect\": {}, \"experiments\": [5]}",
                           "{\"netdissect\": {}, \"experiments\": [{\"name\": \"rf one\", "
                           "\"state\": \"done\"}]}"}) {
    WriteFile(options_.out / "reproduce.json", text);
    EXPECT_EQ(Run(made_.Whole()), NamesOf(made_.Plan(made_.Whole()))) << text;
    EXPECT_TRUE(HasAll(listener_.warnings, {"reproduce.json", "nothing is reused"}));
  }
}

TEST_F(ReproduceTest, ForecastsWhatWouldBeRunAndTouchesNothing) {
  const Study study = made_.Read(made_.Whole());
  const StudyFacts facts = made_.FactsOf(study);
  for (const StepForecast& step : ForecastReproduce(study, facts, sources_, options_, listener_)) {
    EXPECT_FALSE(step.reused);
    EXPECT_EQ(step.why, "not done yet");
  }
  EXPECT_FALSE(Exists(options_.out));
  Run(made_.Whole());
  made_.Network("two", "other weights");
  const size_t files = made_.scratch_.CountFiles();
  size_t again = 0;
  std::map<std::string, std::string> why;
  for (const StepForecast& step : ForecastReproduce(study, facts, sources_, options_, listener_)) {
    again += step.reused ? 0 : 1;
    why[step.step.name] = step.why;
  }
  EXPECT_EQ(why["rf one"], "");
  EXPECT_EQ(why["rf two"], "network two has changed");
  EXPECT_EQ(why["semantics"], "annotate auto two has changed");
  EXPECT_EQ(again, Run(made_.Whole()).size());
  EXPECT_EQ(made_.scratch_.CountFiles(), files);
}

TEST(StudyClock, SharesAndScales) {
  StudyClock clock({10, 30, 60});
  EXPECT_EQ(clock.Share(), 0);
  EXPECT_EQ(clock.SecondsLeft(), 100);
  clock.Begin(0);
  clock.End(false);  // reused: the rest is the whole
  EXPECT_EQ(clock.Share(), 0);
  EXPECT_EQ(clock.SecondsLeft(), 90);
  clock.Begin(1);
  usleep(50000);
  EXPECT_GT(clock.Share(), 0);
  EXPECT_LT(clock.SecondsLeft(), 90);
  clock.End(true);  // in a few hundredths of a second instead of 30
  EXPECT_NEAR(clock.Share(), 1.0 / 3, 1e-9);
  EXPECT_GT(clock.SecondsLeft(), 0);
  EXPECT_LT(clock.SecondsLeft(), 30);
  clock.Begin(2);
  clock.End(true);
  EXPECT_EQ(clock.Share(), 1);
  EXPECT_EQ(clock.SecondsLeft(), 0);
}

}  // namespace
}  // namespace netdissect
