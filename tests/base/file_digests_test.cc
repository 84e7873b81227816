#include "base/file_digests.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(FileDigests, OfAllFilesThatAreNotHidden) {
  const ScratchFolder scratch;
  for (const char* name : {"b.txt", "a/c.png", "a/.lock", ".lock", "a b/d"})
    scratch.File(name, name);
  EXPECT_EQ(FilesUnder(scratch.path()), (std::vector<std::string>{"a b/d", "a/c.png", "b.txt"}));
}

// Also of files that are read in several blocks.
TEST(FileDigests, AreOfAllBytes) {
  const ScratchFolder scratch;
  std::string bytes(size_t{1} << 20, 'x');
  bytes.back() = 'y';
  EXPECT_EQ(DigestOfFile(scratch.File("large", bytes)),
            Digest().Add(bytes.data(), bytes.size()).Hex());
}

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
