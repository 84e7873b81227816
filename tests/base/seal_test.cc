#include "base/seal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json_writer.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

const Json kResult = {{"netdissect", {{"command", "rf"}}}, {"mean", 0.125}, {"units", {1, 2, 3}}};

Path Written(const ScratchFolder& scratch) {
  WriteJson(scratch.path() / "rf.json", kResult);
  return scratch.path() / "rf.json";
}

TEST(Seal, IsNoPartOfTheResult) {
  const ScratchFolder scratch;
  const Path file = Written(scratch);
  EXPECT_EQ(ReadJson(file), kResult);
  const Json parsed = Json::parse(ReadFile(file));
  EXPECT_EQ(parsed.size(), kResult.size() + 1);
  EXPECT_EQ((--parsed.end()).key(), "checksum");
  EXPECT_EQ(Json::parse(Unsealed(file, ReadFile(file))), kResult);
}

TEST(Seal, OfAStreamIsThatOfAWholeText) {
  const ScratchFolder scratch;
  std::ostringstream stream;
  JsonWriter writer(stream);
  writer.BeginObject().Members(kResult).EndObject().Finish();
  EXPECT_EQ(stream.str(), ReadFile(Written(scratch)));
}

TEST(Seal, StreamsLongerThanABuffer) {
  const ScratchFolder scratch;
  Json result = kResult;
  for (int i = 0; i < 40000; ++i) result["units"].push_back(i);
  WriteFile(scratch.path() / "long.json", [&](std::ostream& stream) {
    JsonWriter writer(stream);
    writer.BeginObject().Members(result).EndObject().Finish();
  });
  EXPECT_EQ(ReadJson(scratch.path() / "long.json"), result);
}

// Whatever bit it is: the text is no JSON any more, or its seal is broken.
TEST(Seal, NoBitCanFlipUnnoticed) {
  const ScratchFolder scratch;
  const Path file = Written(scratch);
  const std::string good = ReadFile(file);
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(file, std::ios::binary) << bad;
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadJson(file); }), {file.string()})) << "bit " << bit;
    EXPECT_THROW(JsonObject::Read(file), Error) << "bit " << bit;
  }
}

TEST(Seal, SaysHowToGoOn) {
  const ScratchFolder scratch;
  const Path file = Written(scratch);
  std::string text = ReadFile(file);
  text.replace(text.find("0.125"), 5, "0.625");
  scratch.File("rf.json", text);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadJson(file); }),
                     {file.string(), "checksum", "run again", "on purpose"}));
}

TEST(Seal, IsNotAskedForWhereThereIsNone) {
  const ScratchFolder scratch;
  // Of an earlier version, of another program, and a descriptor.
  const Path plain = scratch.File("a.json", kResult.dump(2) + "\n");
  EXPECT_EQ(ReadJson(plain), kResult);
  EXPECT_EQ(ReadJson(scratch.File("b.json", kResult.dump())), kResult);
  const Json descriptor = {{"name", "netdissect"}, {"weights", "a"}};
  WriteJson(scratch.path() / "c.json", descriptor);
  EXPECT_EQ(Json::parse(ReadFile(scratch.path() / "c.json")), descriptor);
  EXPECT_EQ(ReadJson(scratch.File("d.json", "{}")), Json::object());
}

// As a program writes it that read it and changed it.
TEST(Seal, DoesNotBindOtherPrograms) {
  const ScratchFolder scratch;
  Json changed = Json::parse(ReadFile(Written(scratch)));
  changed["mean"] = 7;
  EXPECT_EQ(ReadJson(scratch.File("rf.json", changed.dump()))["mean"], 7);
}

}  // namespace
}  // namespace netdissect
