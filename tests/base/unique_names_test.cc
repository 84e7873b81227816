#include "base/unique_names.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

std::vector<std::string> FilesOf(const std::vector<std::string>& names,
                                 const NamingOptions& options = {}) {
  const UniqueNames unique(names, options);
  std::vector<std::string> files;
  for (size_t i = 0; i < unique.size(); ++i) files.push_back(unique[i]);
  return files;
}

using List = std::vector<std::string>;

TEST(UniqueNames, WhereNothingCollidesTheyArePlain) {
  EXPECT_EQ(FilesOf({"conv1", "fire9/concat", "a b.jpg", "..", ""}),
            (List{"conv1", "fire9_concat", "a b.jpg", "_..", "_"}));
}

TEST(UniqueNames, ThePlainNameGoesToTheOneThatIsLiterallyIt) {
  EXPECT_EQ(FilesOf({"fire9/concat", "fire9_concat", "fire9:concat"}),
            (List{"fire9_concat-2", "fire9_concat", "fire9_concat-3"}));
  EXPECT_EQ(FilesOf({"a/b", "a:b"}), (List{"a_b", "a_b-2"}));
  EXPECT_EQ(FilesOf({"net", "net", "net-2"}), (List{"net", "net-3", "net-2"}));
  EXPECT_EQ(FilesOf({"x/y", "x:y", "x/y-2"}), (List{"x_y", "x_y-3", "x_y-2"}));
}

TEST(UniqueNames, EndingsAndReservedNamesAreTakenToo) {
  EXPECT_EQ(FilesOf({"a", "a_curve", "b"}, {{"", "_curve"}, {}}), (List{"a", "a_curve-2", "b"}));
  EXPECT_EQ(FilesOf({"responses", "conv1"}, {{""}, {"responses"}}), (List{"responses-2", "conv1"}));
}

TEST(UniqueNames, LongOnesAreShortenedAndStayDifferent) {
  const std::string long_name(400, 'x');
  const List files = FilesOf({long_name + "1", long_name + "2", "\xc3\xa4" + long_name});
  EXPECT_EQ(std::set<std::string>(files.begin(), files.end()).size(), 3u);
  for (const std::string& file : files) EXPECT_LT(file.size(), 200u);
  EXPECT_EQ(files[0].back(), '1');
  // No half of a character.
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xc3\xa4";
  const std::string file = FilesOf({umlauts + "x"})[0];
  EXPECT_EQ(file.substr(file.find('_') + 1, 2), "\xc3\xa4");
}

TEST(UniqueNames, AnyListGivesAsManyFilesThatOneFolderHolds) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    List names;
    for (uint64_t i = 0, count = random.Below(30); i < count; ++i) {
      std::string name;
      for (uint64_t k = random.Below(5); k > 0; --k) name += "/:_ab-2."[random.Below(8)];
      names.push_back(name);
    }
    const List files = FilesOf(names, {{"", "_a"}, {"a-2"}});
    std::set<std::string> taken = {"a-2"};
    for (const std::string& file : files) {
      EXPECT_EQ(Path(file).filename(), file);
      for (const char* ending : {"", "_a"}) EXPECT_TRUE(taken.insert(file + ending).second) << file;
    }
    EXPECT_EQ(FilesOf(names, {{"", "_a"}, {"a-2"}}), files);
  }
}

TEST(UniqueNames, AreFoundByTheirOwnName) {
  const UniqueNames names({"fire9/concat", "fire9_concat"});
  EXPECT_EQ(names.Of("fire9/concat"), "fire9_concat-2");
  EXPECT_EQ(names.Of("fire9_concat"), "fire9_concat");
  EXPECT_TRUE(HasAll(ErrorOf([&] { names.Of("pool5"); }), {"pool5", "fire9/concat"}));
}

TEST(UniqueNames, ManyOfOneNameTakeNoSquareOfTheTime) {
  const List files = FilesOf(List(100'000, "a.jpg"));
  EXPECT_EQ(files.back(), "a.jpg-100000");
}

}  // namespace
}  // namespace netdissect
