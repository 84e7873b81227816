#include "data/object_names.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(ObjectNamesTest, OneObjectHasOneName) {
  const ObjectNames names;
  for (const char* name : {"tree", "Trees", "  TREE \n", "tree crop", "trees occluded",
                           "tree, woody plant", "trees_crop"}) {
    EXPECT_EQ(names.Normalize(name), "tree") << name;
  }
  EXPECT_EQ(names.Normalize("ceiling\t_ Lamps"), "ceiling lamp");
  EXPECT_EQ(names.Normalize("person walking"), "person");
  EXPECT_EQ(names.Normalize("people"), "person");
  EXPECT_EQ(names.Normalize("couch"), "sofa");
  EXPECT_EQ(names.Normalize(" _\n"), "");
}

TEST(ObjectNamesTest, AnEndingIsNoPlural) {
  const ObjectNames names;
  for (const char* name : {"grass", "glass", "bus", "canvas", "dress"}) {
    EXPECT_EQ(names.Normalize(name), name);
  }
}

TEST(ObjectNamesTest, TheTableIsNormalAndEveryNameStandsForItself) {
  const ObjectNames names;
  const Json table = ReadJson(Path(NETDISSECT_SOURCE_DIR) / "configs/object_names.json");
  ASSERT_GT(table.size(), 100u);
  for (const auto& [alias, name] : table.items()) {
    EXPECT_EQ(names.Normalize(alias), name.get<std::string>());
    EXPECT_EQ(names.Normalize(name.get<std::string>()), name.get<std::string>());
  }
}

TEST(ObjectNamesTest, AFileOfAliasesGoesBeforeTheTable) {
  const ScratchFolder scratch;
  const ObjectNames names(
      scratch.File("aliases.json", R"({"Picture": "picture", "wain_scot": "Panel"})"));
  EXPECT_EQ(names.Normalize("Pictures"), "painting");
  EXPECT_EQ(names.Normalize("PICTURE"), "picture");
  EXPECT_EQ(names.Normalize("wain scot"), "panel");
  EXPECT_EQ(names.Normalize("trees"), "tree");
  const auto refuses = [&](const char* text, const std::vector<std::string>& words) {
    const Path path = scratch.File("bad.json", text);
    return HasAll(ErrorOf([&] { const ObjectNames bad(path); }), words);
  };
  EXPECT_TRUE(refuses("[1]", {"bad.json", "object", "array"}));
  EXPECT_TRUE(refuses(R"({"a": 1})", {"bad.json", "\"a\"", "found 1"}));
  EXPECT_TRUE(refuses(R"({"a": " "})", {"bad.json", "\"a\""}));
}

}  // namespace
}  // namespace netdissect
