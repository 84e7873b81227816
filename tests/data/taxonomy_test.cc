#include "data/taxonomy.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(Taxonomy, ThePapersGroupsAndLevels) {
  const Taxonomy paper =
      ReadTaxonomy(Path(NETDISSECT_SOURCE_DIR) / "configs/taxonomies/paper.json");
  std::vector<std::pair<std::string, std::string>> groups;
  for (const SemanticGroup& group : paper.groups) {
    groups.emplace_back(group.name, group.level);
    EXPECT_FALSE(group.examples.empty()) << group.name;
  }
  EXPECT_EQ(groups, (std::vector<std::pair<std::string, std::string>>{{"simple element", "low"},
                                                                      {"color", "low"},
                                                                      {"material", "mid"},
                                                                      {"shape", "mid"},
                                                                      {"object", "high"},
                                                                      {"scene", "high"}}));
}

TEST(Taxonomy, ThePublishedCategoriesHaveNumbers) {
  const Taxonomy published =
      ReadTaxonomy(Path(NETDISSECT_SOURCE_DIR) / "configs/taxonomies/published.json");
  const char* levels[] = {"high", "high", "high", "high", "mid", "low"};
  for (int code = 1; code <= 6; ++code) {
    ASSERT_NE(published.FindCode(code), nullptr) << code;
    EXPECT_EQ(published.FindCode(code)->level, levels[code - 1]) << code;
  }
  EXPECT_EQ(published.FindCode(1)->name, "scene");
  EXPECT_EQ(published.FindCode(0), nullptr);
  EXPECT_EQ(published.FindCode(-1), nullptr);
}

TEST(Taxonomy, MalformedFilesAreNamed) {
  const ScratchFolder scratch;
  const auto error_of = [&](const std::string& text) {
    const Path file = scratch.File("t.json", text);
    return ErrorOf([&] { ReadTaxonomy(file); });
  };
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": []})"), {"t.json", "groups", "none"}));
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": [{"name": "a", "level": "deep"}]})"),
                     {"t.json", "groups[0].level", "low, mid, high", "deep"}));
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": [{"name": "a", "level": "low"},
                                  {"name": "a", "level": "mid"}]})"),
                     {"groups[1].name", "a twice"}));
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": [{"name": "a", "level": "low", "code": 1},
                                  {"name": "b", "level": "mid", "code": 1}]})"),
                     {"groups[1].code", "1 twice"}));
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": [{"name": "a", "levle": "low"}]})"),
                     {"groups[0].level", "levle"}));
  EXPECT_TRUE(HasAll(error_of(R"({"name": "t", "groups": ["a"]})"), {"groups[0]", "an object"}));
}

}  // namespace
}  // namespace netdissect
