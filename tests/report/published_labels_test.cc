#include "report/published_labels.h"

#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

const char kHeader[] = "network,layer,unit,annotator,label,category,precision\n";

Taxonomy TwoCodes() { return {"two", {{"color", "low", {}, 6}, {"object", "high", {}, 2}}}; }

struct PublishedTest : testing::Test {
  PublishedLabels Read(const std::string& text, int shown = 20) {
    errors.clear();
    return ReadPublished({scratch.File("table.csv", text).string()}, TwoCodes(), shown,
                         [&](const std::string& error) { errors.push_back(error); });
  }
  const ScratchFolder scratch;
  std::vector<std::string> errors;
};

TEST_F(PublishedTest, UnitsCountFromZeroAndRowsOfAUnitBecomeOneLabel) {
  const PublishedLabels labels = Read(std::string("\xef\xbb\xbf") + kHeader +
                                      "b,pool5,1,1,\"Trees, green\",2,0.5\r\n"
                                      "b,pool5,1,2,tree,object,1\n"
                                      "a,conv1,3,1,\"say \"\"red\"\"\",6,0.25\n"
                                      "b,conv1,2,1,blue,6,1\n");
  EXPECT_TRUE(errors.empty());
  ASSERT_EQ(labels.networks.size(), 2u);
  EXPECT_EQ(labels.networks[0].name, "b");
  EXPECT_EQ(labels.rows, 4);
  EXPECT_EQ(labels.uncounted, 0);
  const auto layers = labels.networks[0].answers.Labels(LabelSource::kPublished);
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].name, "pool5");
  const UnitLabel& unit = layers[0].units.at(0);
  EXPECT_EQ(unit.unit, 0);
  EXPECT_EQ(unit.label, "tree");
  EXPECT_EQ(unit.group, "object");
  EXPECT_EQ(unit.precision, 0.75);
  EXPECT_EQ(unit.source, LabelSource::kPublished);
  EXPECT_EQ(unit.answers.at(0).label, "Trees, green");
  EXPECT_FALSE(unit.answers.at(0).crossed.has_value());
  EXPECT_EQ(labels.networks[1].answers.Labels(LabelSource::kPublished)[0].units[0].answers[0].label,
            "say \"red\"");
}

TEST_F(PublishedTest, WhatIsWrongWithARowIsSaidWithItsLine) {
  const PublishedLabels labels = Read(std::string(kHeader) +
                                      "a,pool5,1,1,tree,2,often\n"
                                      "a,pool5,1,1,tree,2,1.5\n"
                                      "a,pool5,1,1,tree,2,nan\n"
                                      "a,pool5,1,1,tree,9,1\n"
                                      "a,pool5,1,1,tree,smell,1\n"
                                      "a,pool5,0,1,tree,2,1\n"
                                      "a,pool5,1.5,1,tree,2,1\n"
                                      "a,pool5,1,1,,2,1\n"
                                      "a,pool5,1,1,tree,2\n"
                                      "a,pool5,7,1,\"two\nlines\",2,1\n");
  const std::vector<std::vector<std::string>> expected = {
      {"table.csv:2", "precision", "often"}, {"table.csv:3", "precision", "1.5"},
      {"table.csv:4", "precision", "nan"},   {"table.csv:5", "category", "6 = color", "9"},
      {"table.csv:6", "category", "smell"},  {"table.csv:7", "unit", "0"},
      {"table.csv:8", "unit", "1.5"},        {"table.csv:9", "label"},
      {"table.csv:10", "7 fields", "6"}};
  ASSERT_EQ(errors.size(), expected.size());
  for (size_t i = 0; i < errors.size(); ++i) EXPECT_TRUE(HasAll(errors[i], expected[i]));
  EXPECT_EQ(labels.bad, 9);
  EXPECT_EQ(labels.rows, 10);
  EXPECT_EQ(labels.networks.at(0).answers.taken(), 1);
}

TEST_F(PublishedTest, ColumnsAreFoundByNameAndAMissingOneIsAnError) {
  const PublishedLabels labels = Read(
      "precision,remark,category,label,annotator,unit,layer,network\n"
      "1,none,6,red,1,1,pool5,a\n");
  EXPECT_EQ(labels.networks.at(0).answers.taken(), 1);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read("network,layer,unit,annotator,label,precision\n"); }),
                     {"table.csv:1", "category"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Read(""); }), {"table.csv", "empty"}));
}

TEST_F(PublishedTest, PrecisionsThatAreNoShareOfTheImagesAreCounted) {
  const std::string rows = std::string(kHeader) +
                           "a,pool5,1,1,tree,2,0.33\n"   // 6.6 of 20, 18.81 of 57
                           "a,pool5,2,1,tree,2,0.35\n";  // 7 of 20, 19.95 of 57
  EXPECT_EQ(Read(rows, 20).uncounted, 1);
  EXPECT_EQ(Read(rows, 57).uncounted, 0);  // 19/57 is 0.33 and 20/57 is 0.35, to two digits
  EXPECT_EQ(Read(rows, 0).uncounted, 2);
}

TEST_F(PublishedTest, TheLaterRowOfAnAnnotatorCounts) {
  const PublishedLabels labels = Read(std::string(kHeader) +
                                      "a,pool5,1,1,tree,2,1\n"
                                      "a,pool5,1,1,bush,2,1\n");
  const AnswerBook& book = labels.networks.at(0).answers;
  EXPECT_EQ(book.replaced(), 1);
  EXPECT_EQ(book.Labels(LabelSource::kPublished)[0].units[0].label, "bush");
}

}  // namespace
}  // namespace netdissect
