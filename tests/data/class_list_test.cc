#include "data/class_list.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "netdissect/data/dataset.h"

namespace netdissect {
namespace {

using Names = std::vector<std::string>;

class ClassListTest : public testing::Test {
 protected:
  // "index:name" of each class, or "name".
  Names Read(const std::string& text) const {
    Names names;
    for (const ListedClass& each : ReadClassList(scratch_.File("names.txt", text))) {
      names.push_back(each.index ? fmt::format("{}:{}", *each.index, each.name) : each.name);
    }
    return names;
  }
  Names Labels(const std::string& text) const { return ReadLabels(scratch_.File("l.txt", text)); }
  std::string Error(const std::string& text) const {
    return ErrorOf([&] { Read(text); });
  }

  const ScratchFolder scratch_;
};

TEST_F(ClassListTest, TablesWithAndWithoutHeader) {
  const Names both = {"1:wall, structure", "12:door"};
  for (const char* text : {"Idx\tRatio\tTrain\tVal\tStuff\tName\n1  \t0.1\t9\t2\t1\twall, "
                           "structure\n12\t0.2\t8\t1\t0\tdoor\n",
                           "1\t0.1\twall, structure\n12\t0.2\tdoor\n",
                           "Idx,Ratio,Name\n1,0.1,\"wall, structure\"\n12,0.2,door\n",
                           "name,id,colour\n\"wall, structure\",1,red\ndoor,12,blue\n",
                           "1,\"wall, structure\"\r\n12,door\r\n",
                           "\xef\xbb\xbfid\tname\n1\twall, structure\n12\tdoor\n"}) {
    EXPECT_EQ(Read(text), both) << text;
  }
}

TEST_F(ClassListTest, NumbersBeforeOrBehindNames) {
  EXPECT_EQ(Read("0: unlabeled\n7: traffic light\n"), (Names{"0:unlabeled", "7:traffic light"}));
  EXPECT_EQ(Read("0 tench\n1 great white shark\n"), (Names{"0:tench", "1:great white shark"}));
  EXPECT_EQ(Read("1 tench\n2 shark\n"), (Names{"1:tench", "2:shark"}));
  EXPECT_EQ(Read("/a/abbey 0\n/b/bar 1\n"), (Names{"0:/a/abbey", "1:/b/bar"}));
  EXPECT_EQ(Read("3,tench\n5,shark, white\n"), (Names{"3:tench", "5:shark, white"}));
}

TEST_F(ClassListTest, IdentifiersOfWordNetAreNoNames) {
  EXPECT_EQ(Read("n01440764 tench, Tinca tinca\nn02012849 crane\n"),
            (Names{"tench, Tinca tinca", "crane"}));
  EXPECT_EQ(Read("n01440764\ttench\nn02012849\tcrane\n"), (Names{"tench", "crane"}));
}

TEST_F(ClassListTest, WhatIsPartOfANameStays) {
  for (const char* text : {"7 up\n747\n", "2 seats\n4 seats\n", "wall, structure\ndoor, gate\n",
                           "n1 motorway\nroad\n", "route 66\nroute 1\n", "a,b\nc\n"}) {
    Names lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    EXPECT_EQ(Read(text), lines) << text;
  }
}

TEST_F(ClassListTest, TablesThatContradictThemselvesAreRefused) {
  EXPECT_TRUE(HasAll(Error("idx\tname\n1\twall\nx\tdoor\n"), {"names.txt:3", "number", "\"x\""}));
  EXPECT_TRUE(HasAll(Error("1\twall\n2\tbig\tdoor\n"), {"names.txt:2", "2 columns", "found 3"}));
  EXPECT_TRUE(HasAll(Error("idx,name\n1,\n"), {"names.txt:2", "class 1", "none"}));
  EXPECT_TRUE(HasAll(Error(""), {"names.txt", "found none"}));
}

TEST_F(ClassListTest, TextThatIsNoUtf8IsRefusedByLine) {
  EXPECT_EQ(Read("caf\xc3\xa9\nbar\n"), (Names{"caf\xc3\xa9", "bar"}));
  EXPECT_TRUE(HasAll(Error("bar\ncaf\xe9\n"), {"names.txt:2", "UTF-8", "0xe9", "\"caf\""}));
}

TEST_F(ClassListTest, LabelsOfANetworkGoByTheirNumbers) {
  EXPECT_EQ(Labels("1: b\n0: a\n2: c\n"), (Names{"a", "b", "c"}));
  EXPECT_EQ(Labels("idx,name\n2,b\n1,a\n"), (Names{"a", "b"}));  // counted from 1
  EXPECT_TRUE(HasAll(ErrorOf([&] { Labels("0: a\n2: c\n"); }), {"l.txt:2", "0 to 1", "found 2"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Labels("0: a\n0: c\n"); }), {"l.txt:2", "0 twice"}));
}

}  // namespace
}  // namespace netdissect
