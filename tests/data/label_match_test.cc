#include "data/label_match.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(MatchLabels, SameListsMatchOneToOneDespiteDuplicates) {
  const std::vector<std::string> names{"crane", "heron", "crane"};
  EXPECT_EQ(MatchLabels(names, names), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(MatchLabels(names, {"Crane", "heron", "CRANE"}), (std::vector<int>{0, 1, 2}));
}

TEST(MatchLabels, AnAmbiguousNameGoesToTheFirst) {
  EXPECT_EQ(MatchLabels({"heron", "crane"}, {"crane", "heron", "crane"}), (std::vector<int>{1, 0}));
}

TEST(MatchLabels, IgnoresCaseSeparatorsAndTheInitialsFolder) {
  const std::vector<std::string> classes{"church/outdoor", "Living Room", "butcher's shop"};
  for (const char* name : {"church/outdoor", "Church outdoor", "church_outdoor", "CHURCH-OUTDOOR",
                           "/c/church/outdoor", " church  outdoor ", "church_-_outdoor"}) {
    EXPECT_EQ(MatchLabels({name}, classes), std::vector<int>{0}) << name;
  }
  EXPECT_EQ(MatchLabels({"living_room", "butchers_shop"}, classes), (std::vector<int>{1, 2}));
}

TEST(MatchLabels, DoesNotGuess) {
  const std::vector<std::string> classes{"church/outdoor", "bar", "shop"};
  for (const char* name : {"church", "church/indoor", "barn", "ba r", "coffee shop", "outdoor",
                           "/b/church/outdoor", ""}) {
    EXPECT_EQ(MatchLabels({name}, classes), std::vector<int>{-1}) << name;
  }
  EXPECT_EQ(MatchLabels({"", "bar"}, {"", "x", "bar"}), (std::vector<int>{-1, 2}));
}

TEST(ReadLabelMap, ReadsPairsAndLeavesOutTheRest) {
  const ScratchFolder scratch;
  const Path path = scratch.File("map.txt", "# label class\n0 7\r\n2 -1\n3\t0\n");
  EXPECT_EQ(ReadLabelMap(path, 5, 8), (std::vector<int>{7, -1, -1, 0, -1}));
}

TEST(ReadLabelMap, ErrorsNameTheLine) {
  const ScratchFolder scratch;
  for (const char* line : {"5 0", "-1 0", "0 8", "0 -2", "0", "0 ", "a 1", "0 b", "0 1 2", "1.5 0",
                           "0 99999999999999999999", "1 3"}) {
    const Path path = scratch.File("map.txt", std::string("1 2\n") + line + "\n");
    EXPECT_TRUE(HasAll(ErrorOf([&] { ReadLabelMap(path, 5, 8); }), {path.string() + ":2"})) << line;
  }
  const Path path = scratch.File("map.txt", "0 8");
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadLabelMap(path, 5, 8); }), {"class", "7", "found 8"}));
}

}  // namespace
}  // namespace netdissect
