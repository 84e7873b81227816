#include "base/file_digests.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(FileDigests, NameTheFirstFileThatIsNotAsItWas) {
  const ScratchFolder scratch;
  scratch.File("a.png", "picture");
  scratch.File("b.html", "");
  const Json digests = FileDigests(scratch.path(), {"a.png", "b.html"});
  EXPECT_EQ(FindChangedFile(scratch.path(), digests), std::nullopt);
  EXPECT_EQ(FindChangedFile(scratch.path(), Json::object()), std::nullopt);
  scratch.File("a.png", "Picture");
  const std::string changed = FindChangedFile(scratch.path(), digests).value_or("");
  EXPECT_TRUE(HasAll(changed, {"a.png", "expected the digest " + digests["a.png"].dump(),
                               "found " + DigestOfFile(scratch.path() / "a.png")}));
  scratch.File("a.png", "picture");
  std::filesystem::remove(scratch.path() / "b.html");
  EXPECT_TRUE(HasAll(FindChangedFile(scratch.path(), digests).value_or(""), {"b.html", "no such"}));
  for (const char* other : {"3", "[]", "null", R"({"a.png": 3})", R"({"gone": "a"})"}) {
    EXPECT_TRUE(FindChangedFile(scratch.path(), Json::parse(other))) << other;
  }
}

}  // namespace
}  // namespace netdissect
