#include "report/task_report.h"

#include <gtest/gtest.h>

#include <set>

#include "base/digest.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

AnnotationTask SmallTask() {
  AnnotationTask task;
  task.network = "net </script>";
  task.network_digest = "0123";
  task.taxonomy = {"two", {{"color", "low", {"red"}, 6}, {"object", "high", {"lamp", "bed"}, 2}}};
  task.names = {"lamp", "\"quoted\"", "lámpara"};
  task.layout = {3, 32};
  for (const int unit : {4, 17}) {
    TaskUnit each{"fire9/concat", unit, fmt::format("sheets/{:04}.jpg", unit), "", {}};
    each.salt = fmt::format("salt{}", unit);
    for (int i = 0; i < 7; ++i) {
      each.tiles.push_back({fmt::format("images/{}.jpg", i), "places", 1.1f * static_cast<float>(i),
                            0.1 + 0.01 * i, i == 2 || i == 5});
    }
    task.units.push_back(each);
  }
  task.id = IdOf(task);
  return task;
}

Answer SmallAnswer() {
  Answer answer;
  answer.id = "a-1";
  answer.task = SmallTask().id;
  answer.layer = "fire9/concat";
  answer.unit = 17;
  answer.annotator = "ann";
  answer.label = "desk lamp";
  answer.group = "object";
  answer.crossed = {1, 2, 5};
  answer.seconds = 12.5;
  answer.time = "2026-01-31T12:00:00Z";
  return answer;
}

TEST(TaskReport, IsReadBackAsItWas) {
  const ScratchFolder scratch;
  const AnnotationTask task = SmallTask();
  const Path file = scratch.path() / "export.json";
  WriteJson(file, ToJson(task));
  const AnnotationTask read = ReadTask(file);
  EXPECT_EQ(ToJson(read), ToJson(task));
  EXPECT_EQ(IdOf(read), task.id);
  EXPECT_EQ(read.Find("fire9/concat", 17), 1);
  EXPECT_EQ(read.Find("fire9/concat", 5), -1);
  EXPECT_EQ(read.Find("pool5", 17), -1);
}

TEST(TaskReport, AChangedFileIsNotBelieved) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "export.json";
  Json json = ToJson(SmallTask());
  json["units"][1]["tiles"][2]["negative"] = false;
  WriteJson(file, json);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadTask(file); }), {file.string(), SmallTask().id, "changed"}));
  AnnotationTask leading_out = SmallTask();
  leading_out.units[0].sheet = "sheets/../../secret";
  leading_out.id = IdOf(leading_out);
  WriteJson(file, ToJson(leading_out));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadTask(file); }), {file.string(), "sheets/NAME", "secret"}));
  WriteJson(file, {{"task", "x"}});
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadTask(file); }), {file.string(), "annotate export"}));
}

// The page's data without the script around it.
Json PageDataOf(const std::string& script) {
  const std::string begin = "globalThis.annotationTask = ";
  EXPECT_EQ(script.rfind(begin, 0), 0u);
  EXPECT_EQ(script.substr(script.size() - 2), ";\n");
  return Json::parse(script.substr(begin.size(), script.size() - begin.size() - 2));
}

TEST(TaskReport, ThePageDoesNotKnowTheNegatives) {
  const AnnotationTask task = SmallTask();
  for (const bool served : {true, false}) {
    const std::string script = TaskScript(task, served);
    EXPECT_EQ(script.find('<'), std::string::npos);
    const Json data = PageDataOf(script);
    EXPECT_EQ(data["served"], served);
    EXPECT_EQ(data["task"], task.id);
    EXPECT_EQ(data["network"], task.network);
    EXPECT_EQ(data["names"], task.names);
    EXPECT_EQ(data["columns"], 3);
    EXPECT_EQ(data["tile"], 32);
    ASSERT_EQ(data["units"].size(), 2u);
    for (const Json& unit : data["units"]) {
      EXPECT_EQ(unit["tiles"], 7);
      EXPECT_EQ(unit.contains("negatives"), !served);
      EXPECT_EQ(unit.contains("salt"), !served);
    }
    for (const char* secret : {"negative\"", "images/2.jpg", "area", "code"}) {
      EXPECT_EQ(script.find(secret), std::string::npos) << secret;
    }
  }
  // What it has without a server tells a tile that is crossed, and nothing by its order.
  const Json data = PageDataOf(TaskScript(task, false));
  const Json& negatives = data["units"][1]["negatives"];
  ASSERT_EQ(negatives.size(), 2u);
  EXPECT_LT(negatives[0], negatives[1]);
  const std::set<std::string> digests = negatives;
  for (int tile = 0; tile < 7; ++tile) {
    EXPECT_EQ(digests.count(TileDigest("salt17", tile)), tile == 2 || tile == 5 ? 1u : 0u);
  }
}

TEST(TaskReport, DigestsAreRoundsOfSha256) {
  // FIPS 180-2's example, and its digest's digest.
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(Sha256Hex("abc"), abc);
  EXPECT_EQ(Sha256Hex("abc", 2),
            "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358");
  EXPECT_NE(TileDigest("a", 11), TileDigest("a1", 1));
}

TEST(TaskReport, AnswersAreReadBack) {
  Answer answer = SmallAnswer();
  EXPECT_EQ(ToJson(AnswerFrom(ToJson(answer), "here")), ToJson(answer));
  answer.skipped = "nothing in common";
  answer.label = answer.group = "";
  EXPECT_EQ(ToJson(AnswerFrom(ToJson(answer), "here")), ToJson(answer));
}

TEST(TaskReport, WhatIsNoAnswerIsNamed) {
  const auto error_with = [](const char* key, const Json& value) {
    Json json = ToJson(SmallAnswer());
    json[key] = value;
    return ErrorOf([&] { AnswerFrom(json, "answers.jsonl, line 3"); });
  };
  EXPECT_TRUE(HasAll(error_with("id", nullptr), {"answers.jsonl, line 3", "\"id\"", "nothing"}));
  EXPECT_TRUE(HasAll(error_with("label", 5), {"\"label\"", "text", "5"}));
  EXPECT_TRUE(HasAll(error_with("label", nullptr), {"\"label\"", "nothing"}));
  EXPECT_TRUE(HasAll(error_with("unit", 1.5), {"\"unit\"", "whole number", "1.5"}));
  EXPECT_TRUE(HasAll(error_with("unit", 1e300), {"\"unit\"", "whole number"}));
  EXPECT_TRUE(HasAll(error_with("crossed", "all"), {"\"crossed\"", "a list", "all"}));
  EXPECT_TRUE(HasAll(error_with("crossed", Json{1, "2"}), {"\"crossed\"", "whole number"}));
  EXPECT_TRUE(HasAll(error_with("seconds", "long"), {"\"seconds\"", "a number"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { AnswerFrom(Json{1}, "here"); }), {"here", "an object"}));
}

TEST(AnnotationTask, RefusesAnswersThatNobodyCanGive) {
  const AnnotationTask task = SmallTask();
  EXPECT_NO_THROW(RequireAnswerTo(task, SmallAnswer(), "here"));
  const auto error_of = [&](const std::function<void(Answer&)>& change) {
    Answer answer = SmallAnswer();
    change(answer);
    return ErrorOf([&] { RequireAnswerTo(task, answer, "here"); });
  };
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.task = "other"; }), {"here", task.id, "other"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.unit = 5; }), {"fire9/concat unit 5"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.layer = "pool5"; }), {"pool5 unit 17"}));
  EXPECT_TRUE(
      HasAll(error_of([](Answer& a) { a.group = "thing"; }), {"group", "color, object", "thing"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.crossed = {1, 7}; }), {"crossed", "0 to 6", "7"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.crossed = {2, 2}; }), {"crossed", "rising"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.crossed = {-1}; }), {"crossed", "-1"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.label = " "; }), {"label"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.annotator = ""; }), {"annotator"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.id = ""; }), {"id"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.label.assign(5000, 'x'); }), {"label", "5000"}));
  EXPECT_TRUE(HasAll(error_of([](Answer& a) { a.seconds = -1; }), {"seconds", "-1"}));
  Answer skipped = SmallAnswer();
  skipped.skipped = "not sure";
  skipped.label = skipped.group = "";
  EXPECT_NO_THROW(RequireAnswerTo(task, skipped, "here"));
}

TEST(AnnotationTask, NegativesHaveToBeCrossed) {
  const TaskUnit unit = SmallTask().units[0];  // of 7 tiles, 2 and 5 are negatives
  EXPECT_EQ(unit.negatives(), 2);
  EXPECT_TRUE(unit.Accepts({2, 5}));
  EXPECT_TRUE(unit.Accepts({0, 2, 3, 5}));
  for (const std::vector<int>& crossed :
       {std::vector<int>{}, {2}, {5}, {0, 1, 3, 4, 6}, {2, 2, 5}, {2, 5, 7}, {-1, 2, 5}}) {
    EXPECT_FALSE(unit.Accepts(crossed)) << testing::PrintToString(crossed);
  }
  EXPECT_DOUBLE_EQ(unit.Precision({2, 5}), 1);
  EXPECT_DOUBLE_EQ(unit.Precision({0, 2, 5}), 4 / 5.0);
  EXPECT_DOUBLE_EQ(unit.Precision({0, 1, 2, 3, 4, 5, 6}), 0);
}

}  // namespace
}  // namespace netdissect
