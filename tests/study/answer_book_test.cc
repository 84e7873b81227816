#include "study/answer_book.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "study/some_task.h"

namespace netdissect {
namespace {

void ExpectBalance(const AnswerCounts& counts) {
  EXPECT_EQ(counts.given,
            counts.repeated + counts.uncrossed + counts.replaced + counts.skipped + counts.taken);
}

TEST(TaskAnswersTest, AnAnswerIsCountedWithoutTheNegatives) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  answers.Add(SomeAnswer("1", 4, "ann", "Trees", {1, 4}), "here");
  const std::vector<LayerLabels> labels = answers.Labels();
  ASSERT_EQ(labels.size(), 1u);
  ASSERT_EQ(labels[0].units.size(), 2u);  // also the one that nobody answered
  const UnitLabel& unit = labels[0].units[0];
  EXPECT_EQ(unit.unit, 4);
  EXPECT_EQ(unit.label, "tree");
  EXPECT_EQ(unit.precision, 0.75);
  ASSERT_EQ(unit.answers.size(), 1u);
  EXPECT_EQ(unit.answers[0].label, "Trees");
  EXPECT_EQ(unit.answers[0].shown, 4);
  EXPECT_EQ(unit.answers[0].crossed, std::vector<int>{1});
  EXPECT_EQ(labels[0].units[1].annotators, 0);
}

TEST(TaskAnswersTest, TheLastAnswerOfAnAnnotatorToAUnitCounts) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  answers.Add(SomeAnswer("1", 4, "ann", "tree"), "here");
  answers.Add(SomeAnswer("2", 9, "ann", "sea"), "here");
  answers.Add(SomeAnswer("3", 4, "bob", "bush"), "here");
  answers.Add(SomeAnswer("4", 4, "ann", "pine"), "here");
  const std::vector<UnitLabel> units = answers.Labels()[0].units;
  EXPECT_EQ(units[0].answers[0].label, "pine");
  EXPECT_EQ(units[0].answers[1].label, "bush");
  EXPECT_EQ(units[1].answers[0].label, "sea");
  EXPECT_EQ(answers.counts().replaced, 1);
  EXPECT_EQ(answers.counts().taken, 3);
  ExpectBalance(answers.counts());
}

TEST(TaskAnswersTest, WhoSkipsAUnitTakesAnEarlierAnswerBack) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  answers.Add(SomeAnswer("1", 4, "ann", "tree"), "here");
  Answer skipped = SomeAnswer("2", 4, "ann", "", {});
  skipped.group.clear();
  skipped.skipped = "nothing in common";
  answers.Add(skipped, "here");
  EXPECT_EQ(answers.Labels()[0].units[0].annotators, 0);
  EXPECT_EQ(answers.counts().skipped, 1);
  EXPECT_EQ(answers.counts().replaced, 1);
  EXPECT_EQ(answers.counts().taken, 0);
  ExpectBalance(answers.counts());
}

TEST(TaskAnswersTest, AnUncrossedNegativeIsRefusedAndReplacesNothing) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  answers.Add(SomeAnswer("1", 4, "ann", "tree"), "here");
  answers.Add(SomeAnswer("2", 4, "ann", "sky", {0, 1}), "here");
  EXPECT_EQ(answers.Labels()[0].units[0].label, "tree");
  EXPECT_EQ(answers.counts().uncrossed, 1);
  EXPECT_EQ(answers.counts().taken, 1);
  ExpectBalance(answers.counts());
}

TEST(TaskAnswersTest, WhatIsSentTwiceCountsOnce) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  answers.Add(SomeAnswer("1", 4, "ann", "tree"), "here");
  answers.Add(SomeAnswer("2", 4, "ann", "pine"), "here");
  answers.Add(SomeAnswer("1", 4, "ann", "tree"), "here");  // late, and not the last word
  EXPECT_EQ(answers.Labels()[0].units[0].label, "pine");
  EXPECT_EQ(answers.counts().repeated, 1);
  ExpectBalance(answers.counts());
  EXPECT_TRUE(HasAll(ErrorOf([&] { answers.Add(SomeAnswer("1", 9, "bob", "sea"), "file:7"); }),
                     {"file:7", "id"}));
  ExpectBalance(answers.counts());
}

TEST(TaskAnswersTest, AnswersToAnotherTaskAreErrors) {
  const AnnotationTask task = SomeTask();
  TaskAnswers answers(task);
  Answer other = SomeAnswer("1", 4, "ann", "tree");
  other.task = "another";
  EXPECT_TRUE(
      HasAll(ErrorOf([&] { answers.Add(other, "file:3"); }), {"file:3", "the task", "another"}));
  EXPECT_EQ(answers.counts().given, 0);
}

}  // namespace
}  // namespace netdissect
