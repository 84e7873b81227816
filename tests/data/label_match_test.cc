#include "data/label_match.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

std::vector<int> Match(const std::vector<std::string>& labels,
                       const std::vector<std::string>& classes) {
  return MatchLabels(labels, classes).class_of;
}

TEST(MatchLabels, SameListsMatchOneToOneDespiteDuplicates) {
  const std::vector<std::string> names{"crane", "heron", "crane"};
  EXPECT_EQ(Match(names, names), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(Match(names, {"Crane", "heron", "CRANE"}), (std::vector<int>{0, 1, 2}));
}

TEST(MatchLabels, AnAmbiguousNameIsLeftOutAndSaid) {
  const LabelMatch two_classes = MatchLabels({"heron", "Crane"}, {"crane", "heron", "crane"});
  EXPECT_EQ(two_classes.class_of, (std::vector<int>{1, -1}));
  EXPECT_EQ(two_classes.ambiguous, (std::vector<std::string>{"Crane"}));
  const LabelMatch two_labels = MatchLabels({"crane", "heron", "crane"}, {"heron", "crane"});
  EXPECT_EQ(two_labels.class_of, (std::vector<int>{-1, 0, -1}));
  EXPECT_EQ(two_labels.ambiguous.size(), 2u);
}

TEST(MatchLabels, SynonymsThatCommasSeparateAreOneName) {
  EXPECT_EQ(Match({"tench", "goldfish, Carassius auratus"}, {"goldfish", "tench, Tinca tinca"}),
            (std::vector<int>{1, 0}));
  // In full goes before the first synonym.
  EXPECT_EQ(Match({"seat", "seat, place"}, {"seat, place", "seat"}), (std::vector<int>{1, 0}));
  // The first synonym of two classes tells none.
  const LabelMatch crane = MatchLabels({"crane"}, {"crane, bird", "crane, machine"});
  EXPECT_EQ(crane.class_of, (std::vector<int>{-1}));
  EXPECT_EQ(crane.ambiguous, (std::vector<std::string>{"crane"}));
}

TEST(MatchLabels, IgnoresCaseSeparatorsAndTheInitialsFolder) {
  const std::vector<std::string> classes{"church/outdoor", "Living Room", "butcher's shop"};
  for (const char* name : {"church/outdoor", "Church outdoor", "church_outdoor", "CHURCH-OUTDOOR",
                           "/c/church/outdoor", " church  outdoor ", "church_-_outdoor"}) {
    EXPECT_EQ(Match({name}, classes), std::vector<int>{0}) << name;
  }
  EXPECT_EQ(Match({"living_room", "butchers_shop"}, classes), (std::vector<int>{1, 2}));
}

TEST(MatchLabels, DoesNotGuess) {
  const std::vector<std::string> classes{"church/outdoor", "bar", "shop"};
  for (const char* name : {"church", "church/indoor", "barn", "ba r", "coffee shop", "outdoor",
                           "/b/church/outdoor", ""}) {
    EXPECT_EQ(Match({name}, classes), std::vector<int>{-1}) << name;
  }
  EXPECT_EQ(Match({"", "bar"}, {"", "x", "bar"}), (std::vector<int>{-1, 2}));
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
