#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

#include "base/random.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

std::string Written(const std::function<void(JsonWriter&)>& write) {
  std::ostringstream text;
  JsonWriter json(text);
  write(json);
  json.Finish();
  return text.str();
}

// Any tree of values, `depth` deep at most.
Json RandomTree(Random& random, int depth) {
  const auto kind = random.Below(depth > 0 ? 8 : 6);
  const auto below = [&](uint64_t n) { return static_cast<int>(random.Below(n)); };
  switch (kind) {
    case 0:
      return nullptr;
    case 1:
      return random.Below(2) == 0;
    case 2:
      return static_cast<int64_t>(random.Next());
    case 3:
      return random.Next();
    case 4:
      return random.Normal() * std::pow(10.0, below(60) - 30);
    case 5: {
      std::string text;
      for (int i = below(12); i > 0; --i) text += static_cast<char>(below(256));
      return text;
    }
    case 6: {
      Json list = Json::array();
      for (int i = below(5); i > 0; --i) list.push_back(RandomTree(random, depth - 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (int i = below(5); i > 0; --i) {
        object[fmt::format("key {} \"{}\"", i, below(100))] = RandomTree(random, depth - 1);
      }
      return object;
    }
  }
}

TEST(JsonWriter, WritesTheBytesOfWriteJson) {
  const ScratchFolder scratch;
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    const Json tree = RandomTree(random, 5);
    WriteJson(scratch.path() / "x.json", tree);
    EXPECT_EQ(Written([&](JsonWriter& json) { json.Value(tree); }),
              ReadFile(scratch.path() / "x.json"));
  }
}

TEST(JsonWriter, PiecesGiveTheSameBytesAsTheirTree) {
  const Json tree = Json::parse(R"({"a": 1, "list": [true, {"x": 1.5, "y": []}, "t"], "e": {},
                                    "more": 2, "last": null})");
  const std::string text = Written([](JsonWriter& json) {
    json.BeginObject().Member("a", 1).Key("list").BeginArray().Value(true);
    json.BeginObject().Member("x", 1.5).Key("y").BeginArray().EndArray().EndObject();
    json.Value("t").EndArray().Key("e").BeginObject().EndObject();
    json.Members({{"more", 2}, {"last", nullptr}}).EndObject();
  });
  EXPECT_EQ(text, tree.dump(2) + "\n");
}

TEST(JsonWriter, CompactIsOneLineWithAllThatIsInIt) {
  const std::string text = Written([](JsonWriter& json) {
    json.BeginObject().Key("units").BeginArray();
    for (int unit = 0; unit < 2; ++unit) {
      json.Compact().BeginObject().Member("unit", unit).Key("top").BeginArray();
      json.BeginObject().Member("x", 1).Member("y", 2).EndObject().Value(3).EndArray().EndObject();
    }
    json.EndArray().Member("after", std::vector<int>{1}).EndObject();
  });
  EXPECT_EQ(text,
            "{\n  \"units\": [\n"
            "    {\"unit\": 0, \"top\": [{\"x\": 1, \"y\": 2}, 3]},\n"
            "    {\"unit\": 1, \"top\": [{\"x\": 1, \"y\": 2}, 3]}\n"
            "  ],\n  \"after\": [\n    1\n  ]\n}\n");
}

TEST(JsonWriter, NumbersReadBackEqualInTheDigitsOfWriteJson) {
  Random random(9);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t bits = random.Next();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (i % 2 == 0) value = static_cast<double>(static_cast<float>(random.Normal()));
    if (!std::isfinite(value)) continue;
    const std::string text = Written([&](JsonWriter& json) { json.Value(value); });
    EXPECT_EQ(Json::parse(text).get<double>(), value);
    EXPECT_EQ(text, Json(value).dump() + "\n");
  }
  const auto written = [](auto value) {
    return Written([&](JsonWriter& json) { json.Value(value); });
  };
  EXPECT_EQ(written(7.0), "7.0\n") << "a fraction stays one";
  EXPECT_EQ(written(0.1f), Json(0.1f).dump() + "\n");
  EXPECT_EQ(written(std::numeric_limits<uint64_t>::max()), "18446744073709551615\n");
  EXPECT_EQ(written(std::numeric_limits<int64_t>::min()), "-9223372036854775808\n");
  for (const double odd : {std::nan(""), HUGE_VAL, -HUGE_VAL}) EXPECT_EQ(written(odd), "null\n");
}

TEST(JsonWriter, TextIsQuotedAndValidWhateverItsBytes) {
  const std::string odd("a \"b\"\\\n\x01\x7f caf\xc3\xa9 \xff\xfe\0.", 20);
  const std::string text =
      Written([&](JsonWriter& json) { json.BeginObject().Member(odd, odd).EndObject(); });
  const std::string valid = Json::parse(text).begin().key();
  EXPECT_EQ(Json::parse(text)[valid], valid);
  EXPECT_TRUE(HasAll(valid, {"a \"b\"\\\n\x01\x7f caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd"}));
}

TEST(JsonWriter, MisuseIsAnError) {
  const std::vector<std::function<void(JsonWriter&)>> misuses = {
      [](JsonWriter&) {},
      [](JsonWriter& json) { json.Key("a"); },
      [](JsonWriter& json) { json.BeginArray().Key("a"); },
      [](JsonWriter& json) { json.BeginObject().Value(1); },
      [](JsonWriter& json) { json.BeginObject().BeginArray(); },
      [](JsonWriter& json) { json.BeginObject().Key("a").Key("b"); },
      [](JsonWriter& json) { json.BeginObject().Key("a").EndObject(); },
      [](JsonWriter& json) { json.BeginObject().EndArray(); },
      [](JsonWriter& json) { json.BeginArray().EndObject(); },
      [](JsonWriter& json) { json.EndArray(); },
      [](JsonWriter& json) { json.BeginArray(); },
      [](JsonWriter& json) { json.BeginObject().Member("a", 1); },
      [](JsonWriter& json) { json.Value(1).Value(2); },
      [](JsonWriter& json) { json.BeginArray().EndArray().BeginArray(); },
      [](JsonWriter& json) { json.BeginObject().Members(Json::array({1})); },
  };
  for (size_t i = 0; i < misuses.size(); ++i) {
    EXPECT_TRUE(HasAll(ErrorOf([&] { Written(misuses[i]); }), {"JSON", "expected", "found"}))
        << "misuse " << i;
  }
}

}  // namespace
}  // namespace netdissect
