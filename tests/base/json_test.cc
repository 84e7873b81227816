#include "base/json.h"

#include <gtest/gtest.h>

#include "base/json_number.h"
#include "base/limits.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

class JsonObjectTest : public testing::Test {
 protected:
  JsonObject Object(const std::string& text) {
    path_ = scratch_.File("descriptor.json", text);
    return JsonObject::Read(path_);
  }
  testing::AssertionResult Complains(const std::function<void()>& action,
                                     std::vector<std::string> parts) {
    parts.push_back(path_.string());
    return HasAll(ErrorOf(action), parts);
  }
  ScratchFolder scratch_;
  Path path_;
};

// Its keys may mean something else.
TEST(Json, AResultOfALaterFormatIsRefused) {
  const ScratchFolder scratch;
  const auto read = [&](const std::string& header) {
    return ReadJson(scratch.File("rf.json", "{\"netdissect\": " + header + ", \"a\": 1}"));
  };
  EXPECT_EQ(read("{}")["a"], 1);
  EXPECT_EQ(read("{\"format\": 1}")["a"], 1);
  for (const std::string format : {"2", "0", "1.5", "\"1\"", "1e30"}) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { read("{\"format\": " + format + ", \"version\": 3}"); }),
                       {"rf.json", "format 1 to 1", format == "1e30" ? "1e+30" : format, "3"}));
  }
}

TEST_F(JsonObjectTest, ReadsEveryKindOfValue) {
  const JsonObject object = Object(
      R"({"s": "text", "n": 1.5, "i": -7, "v": [1, 2.5], "o": {"k": "inner"}, "null": null})");
  EXPECT_EQ(object.String("s"), "text");
  EXPECT_EQ(object.Number("n"), 1.5);
  EXPECT_EQ(object.Integer("i"), -7);
  EXPECT_EQ(object.Numbers("v"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(object.Object("o").String("k"), "inner");
  EXPECT_FALSE(object.Has("null"));
  EXPECT_EQ(object.String("null", "otherwise"), "otherwise");
  EXPECT_EQ(object.Integer("absent", 3), 3);
}

TEST_F(JsonObjectTest, ErrorsNameFileKeyExpectedAndFound) {
  const JsonObject object =
      Object(R"({"kind": "secne", "size": "big", "half": 0.5, "input": {"mean": [1, "two"]}})");
  EXPECT_TRUE(Complains([&] { object.String("name"); }, {"\"name\"", "a string", "nothing"}));
  EXPECT_TRUE(Complains([&] { object.Number("size"); }, {"\"size\"", "a number", "\"big\""}));
  EXPECT_TRUE(Complains([&] { object.Integer("half"); }, {"\"half\"", "an integer", "0.5"}));
  EXPECT_TRUE(Complains([&] { object.Object("size"); }, {"\"size\"", "an object", "\"big\""}));
  EXPECT_TRUE(Complains(
      [&] {
        object.OneOf("kind", {"scene", "object"});
      },
      {"\"kind\"", "scene, object", "secne"}));
  EXPECT_TRUE(Complains([&] { object.Object("input").Numbers("mean"); },
                        {"\"input.mean\"", "list of numbers", "two"}));
  EXPECT_TRUE(Complains([&] { object.ExistingPath("kind"); }, {"\"kind\"", "existing", "secne"}));
}

TEST_F(JsonObjectTest, IntegersAreWholeAndFit) {
  const JsonObject object = Object(
      R"({"good": [0, -3, 2147483647, 5.0], "huge": [1, 1e12], "half": [227.9], "text": ["1"],
          "huge one": 1e300, "no list": 4})");
  EXPECT_EQ(object.Integers("good"), (std::vector<int>{0, -3, 2147483647, 5}));
  EXPECT_TRUE(
      Complains([&] { object.Integers("huge"); }, {"\"huge\"", "integer", "1000000000000"}));
  EXPECT_TRUE(Complains([&] { object.Integers("half"); }, {"\"half\"", "integer", "227.9"}));
  EXPECT_TRUE(Complains([&] { object.Integers("text"); }, {"\"text\"", "integer", "\"1\""}));
  EXPECT_TRUE(Complains([&] { object.Integers("no list"); }, {"list of integers", "4"}));
  EXPECT_TRUE(Complains([&] { object.Integer("huge one"); }, {"integer", "1e+300"}));
}

TEST_F(JsonObjectTest, KeysThatNothingAskedForAreErrors) {
  const JsonObject object = Object(
      R"({"size": 1, "anotations": 2, "record": {"free": {"form": 1}}, "input": {"maen": 3}})");
  const auto check = [&] { object.RequireKnownKeys(); };
  object.Integer("size");
  object.Has("annotations");
  EXPECT_TRUE(Complains(check, {"\"anotations\"", "did you mean \"annotations\"?"}));
  object.Has("anotations");
  object.Value("record");  // of any form
  EXPECT_TRUE(Complains(check, {"\"input\"", "expected one of", "annotations", "record, size"}));
  const JsonObject input = object.Object("input");
  input.Has("mean");
  EXPECT_TRUE(Complains(check, {"\"input.maen\"", "did you mean \"mean\"?"}));
  input.Has("maen");
  EXPECT_NO_THROW(check());
  // What is missing may be there in another spelling.
  EXPECT_TRUE(Complains([&] { Object(R"({"weigths": "x"})").String("weights"); },
                        {"\"weights\"", "a string", "nothing", "\"weigths\""}));
}

TEST_F(JsonObjectTest, OfManyUnknownKeysAFewAreNamed) {
  Json many;
  many["size"] = 1;
  for (int i = 0; i < 1000; ++i) many[fmt::format("key{}", i)] = i;
  const JsonObject object = Object(many.dump());
  object.Integer("size");
  const auto check = [&] { object.RequireKnownKeys(); };
  EXPECT_TRUE(Complains(check, {"\"key0\"", "\"key1\", \"key2\", \"key3\" and 996 more"}));
  EXPECT_LT(ErrorOf(check).size(), 500u);
}

TEST(ReadJsonWhere, LeavesMembersOutAtAnyDepth) {
  const ScratchFolder folder;
  const Path file =
      folder.File("a.json", R"({"keep": [{"long": [1, 2], "x": 1}], "long": {"x": 2}})");
  EXPECT_EQ(ReadJsonWhere(file, [](const std::string& name) { return name != "long"; }),
            Json::parse(R"({"keep": [{"x": 1}]})"));
  const Path broken = folder.File("b.json", "{");
  EXPECT_THROW(ReadJsonWhere(broken, [](const std::string&) { return true; }), Error);
}

TEST(ReadJson, MalformedFilesAreErrorsThatNameTheFile) {
  const ScratchFolder scratch;
  const std::string deep(1'000'000, '[');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{\"a\": }"), std::string("[1e999]"),
        std::string("\"\xff\""), std::string("{} {}"), deep}) {
    const Path path = scratch.File("bad.json", text);
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadJson(path); }), {path.string()})) << text.substr(0, 20);
    EXPECT_THROW(JsonObject::Read(path), Error);
  }
  const Path list = scratch.File("list.json", "[1]");
  EXPECT_TRUE(HasAll(ErrorOf([&] { JsonObject::Read(list); }), {list.string(), "object", "[1]"}));
}

// Keys are looked up one by one, so that a million of them would take hours.
TEST(ReadJson, AnObjectHasABoundedNumberOfKeys) {
  const ScratchFolder scratch;
  const auto text = [](int64_t keys) {
    std::string object = "{\"first\": [1, {\"a\": 1}]";
    for (int64_t i = 1; i < keys; ++i) object += fmt::format(", \"k{}\": \":::\"", i);
    return "[" + object + "}]";
  };
  EXPECT_EQ(ReadJson(scratch.File("most.json", text(kMostJsonKeys)))[0].size(),
            static_cast<size_t>(kMostJsonKeys));
  for (const int64_t keys : {kMostJsonKeys + 1, int64_t{1'000'000}}) {
    const Path path = scratch.File("many.json", text(keys));
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadJson(path); }), {path.string(), "at most 20000 keys"}));
  }
}

TEST(ReadJson, BracketsInsideTextAreNotNesting) {
  const ScratchFolder scratch;
  const std::string text = "{\"a\": \"\\\"" + std::string(5000, '[') + "\"}";
  EXPECT_EQ(ReadJson(scratch.File("a.json", text))["a"], "\"" + std::string(5000, '['));
}

TEST(WholeNumber, IsNeverAnotherThanTheFiles) {
  EXPECT_EQ(WholeNumber<int>(Json(-7)), -7);
  EXPECT_EQ(WholeNumber<int>(Json(2147483647u)), 2147483647);
  EXPECT_EQ(WholeNumber<int64_t>(Json(INT64_MIN)), INT64_MIN);
  for (const Json& other : {Json(1.5), Json(1e300), Json(int64_t{1} << 40), Json("1"), Json(),
                            Json(-2147483649), Json(UINT64_MAX)}) {
    EXPECT_THROW(WholeNumber<int>(other), nlohmann::json::exception) << other;
  }
  EXPECT_THROW(WholeNumber<int64_t>(Json(UINT64_MAX)), nlohmann::json::exception);
}

TEST(WriteJson, ReadsBackEqualAndKeepsTheOrderOfKeys) {
  const ScratchFolder scratch;
  Json json;
  json["z"] = 0.1;
  json["a"] = {1, 2, 3};
  json["m"] = "caf\xc3\xa9";
  WriteJson(scratch.path() / "x.json", json);
  EXPECT_EQ(ReadJson(scratch.path() / "x.json").dump(), json.dump());
  json["m"] = "\xff not UTF-8";  // a file name may be so
  EXPECT_NO_THROW(WriteJson(scratch.path() / "x.json", json));
}

}  // namespace
}  // namespace netdissect
