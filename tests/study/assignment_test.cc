#include "study/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "base/scratch.h"
#include "study/answer_overview.h"

namespace netdissect {
namespace {

constexpr double kLease = 100;  // seconds

AnnotationTask TaskOf(int units) {
  AnnotationTask task;
  task.id = "task";
  task.taxonomy = {"paper", {{"color", "low", {}, -1}, {"object", "high", {}, -1}}};
  for (int i = 0; i < units; ++i) {
    task.units.push_back({"pool5", 10 + i, "sheets/1.jpg", "", std::vector<TaskTile>(4)});
    task.units.back().tiles[2].negative = true;
  }
  return task;
}

Answer AnswerOn(int unit, const std::string& annotator, const std::string& id) {
  Answer answer;
  answer.id = id;
  answer.task = "task";
  answer.layer = "pool5";
  answer.unit = 10 + unit;
  answer.annotator = annotator;
  answer.label = "bed";
  answer.group = "object";
  answer.crossed = {2};
  answer.seconds = 10;
  return answer;
}

Answer SkipOf(int unit, const std::string& annotator, const std::string& id) {
  Answer answer = AnswerOn(unit, annotator, id);
  answer.label = answer.group = "";
  answer.crossed = {};
  answer.skipped = "cannot tell";
  return answer;
}

Assignment::Time At(double seconds) {
  return Assignment::Time() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

class AssignmentTest : public testing::Test {
 protected:
  explicit AssignmentTest(int units = 3, int wanted = 2)
      : task_(TaskOf(units)), assignment_(task_, {wanted, kLease}) {}

  int Next(const std::string& annotator, double now = 0, int current = -1) {
    return assignment_.Next(annotator, current, At(now));
  }
  void Take(int unit, const std::string& annotator) {
    assignment_.Take(AnswerOn(unit, annotator, annotator + std::to_string(unit)));
  }

  const AnnotationTask task_;
  Assignment assignment_;
};

TEST_F(AssignmentTest, AUnitGoesToAsManyPeopleAsAnswersAreWanted) {
  EXPECT_EQ(Next("a"), 0);
  EXPECT_EQ(Next("b"), 0);
  EXPECT_EQ(Next("c"), 1);  // two are at work on the first
  Take(0, "a");
  EXPECT_EQ(Next("d"), 1);  // an answer and somebody at work
  Take(0, "b");
  EXPECT_EQ(assignment_.Done(), 1);
  EXPECT_EQ(Next("a"), 2);
}

TEST_F(AssignmentTest, FewestAnswersGoFirst) {
  Take(0, "a");
  Take(1, "a");
  EXPECT_EQ(Next("b"), 2);
  Take(2, "b");
  EXPECT_EQ(Next("b"), 0);
}

TEST_F(AssignmentTest, NobodyGetsAUnitAgain) {
  Take(0, "a");
  assignment_.Take(SkipOf(1, "a", "skip"));
  EXPECT_EQ(Next("a"), 2);
  Take(2, "a");
  EXPECT_EQ(Next("a"), -1);
  EXPECT_EQ(Next("a", 0, 1), -1);
  EXPECT_EQ(assignment_.AnsweredBy("a"), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(assignment_.AnswersOf(1), 0);  // to skip is no answer
}

TEST_F(AssignmentTest, ALeaseEndsInTimeOrIsReleased) {
  EXPECT_EQ(Next("a"), 0);
  EXPECT_EQ(Next("b"), 0);
  EXPECT_EQ(Next("c", kLease - 1), 1);
  EXPECT_EQ(Next("d", kLease), 0);
  assignment_.Release("d", 0);
  EXPECT_EQ(Next("e", kLease), 0);
  EXPECT_EQ(Next("f", kLease), 0);
  EXPECT_EQ(Next("g", kLease), 1);
}

TEST_F(AssignmentTest, WhoAsksAgainKeepsTheUnit) {
  EXPECT_EQ(Next("a"), 0);
  EXPECT_EQ(Next("a", kLease - 1), 0);  // which renews it
  EXPECT_EQ(Next("b", kLease), 0);
  EXPECT_EQ(Next("c", kLease), 1);
  EXPECT_EQ(Next("a", kLease, 2), 2);  // one that is chosen
  EXPECT_TRUE(assignment_.Renew("a", 2, At(kLease)));
}

TEST_F(AssignmentTest, ALeaseThatHasEndedIsRenewedWhereNobodyElseHasTheUnit) {
  EXPECT_EQ(Next("a"), 0);
  EXPECT_TRUE(assignment_.Renew("a", 0, At(3 * kLease)));
  EXPECT_EQ(Next("b", 5 * kLease), 0);
  EXPECT_EQ(Next("c", 5 * kLease), 0);
  EXPECT_FALSE(assignment_.Renew("a", 0, At(5 * kLease)));
  EXPECT_TRUE(HasAll(ErrorOf([&] { assignment_.Renew("a", 3, At(0)); }), {"0 to 2", "3"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { assignment_.Release("a", -1); }), {"0 to 2", "-1"}));
}

TEST_F(AssignmentTest, AnAnswerIsJudgedByItsIdAndItsNegatives) {
  const Answer answer = AnswerOn(0, "a", "id");
  EXPECT_EQ(assignment_.Judge(answer), AnswerVerdict::kNew);
  Answer uncrossed = answer;
  uncrossed.crossed = {0, 1, 3};
  EXPECT_EQ(assignment_.Judge(uncrossed), AnswerVerdict::kUncrossed);
  EXPECT_EQ(assignment_.Judge(uncrossed), AnswerVerdict::kUncrossed);
  EXPECT_EQ(assignment_.Judge(SkipOf(0, "a", "skip")), AnswerVerdict::kNew);
  assignment_.Take(answer);
  EXPECT_EQ(assignment_.Judge(answer), AnswerVerdict::kAgain);
  Answer later = answer;
  later.time = "2026-01-31T12:00:00Z";
  later.seconds = 99;
  EXPECT_EQ(assignment_.Judge(later), AnswerVerdict::kAgain);
  later.label = "lamp";
  EXPECT_EQ(assignment_.Judge(later), AnswerVerdict::kConflict);
  uncrossed.id = "id";
  EXPECT_EQ(assignment_.Judge(uncrossed), AnswerVerdict::kConflict);
}

TEST_F(AssignmentTest, ALaterAnswerReplacesTheOneBefore) {
  Take(0, "a");
  Answer second = AnswerOn(0, "a", "second");
  second.label = "lamp";
  assignment_.Take(second);
  EXPECT_EQ(assignment_.AnswersOf(0), 1);
  EXPECT_EQ(assignment_.answers()[0].at("a").label, "lamp");
  EXPECT_EQ(assignment_.Judge(AnswerOn(0, "a", "a0")), AnswerVerdict::kAgain);
  assignment_.Take(SkipOf(0, "a", "third"));
  EXPECT_EQ(assignment_.AnswersOf(0), 0);
}

TEST(Assignment, OptionsAreChecked) {
  const AnnotationTask task = TaskOf(1);
  EXPECT_TRUE(HasAll(ErrorOf([&] { Assignment(task, {0, 1}); }), {"answers", "0"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { Assignment(task, {1, 0}); }), {"lease", "0"}));
}

// Whatever people do, in any order: against a plain list of all that happened.
TEST(Assignment, RulesHoldAtAnyTime) {
  struct Leased {
    std::string annotator;
    int unit;
    double until;
  };
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    const int units = 1 + static_cast<int>(random.Below(5));
    const int wanted = 1 + static_cast<int>(random.Below(3));
    const AnnotationTask task = TaskOf(units);
    Assignment assignment(task, {wanted, kLease});
    std::vector<Leased> leases;
    std::map<int, std::set<std::string>> answered, skipped;
    double now = 0;
    const auto is_open = [&](const std::string& annotator, int unit) {
      if (answered[unit].count(annotator) + skipped[unit].count(annotator) > 0) return false;
      std::set<std::string> others;
      for (const Leased& each : leases) {
        if (each.unit == unit && each.until > now && each.annotator != annotator) {
          others.insert(each.annotator);
        }
      }
      return answered[unit].size() + others.size() < static_cast<size_t>(wanted);
    };
    const auto end_lease = [&](const std::string& annotator, int unit) {
      leases.erase(std::remove_if(leases.begin(), leases.end(),
                                  [&](const Leased& each) {
                                    return each.unit == unit && each.annotator == annotator;
                                  }),
                   leases.end());
    };
    for (int step = 0; step < 300; ++step) {
      now += random.Uniform() * 0.4 * kLease;
      const std::string annotator(1, static_cast<char>('a' + random.Below(6)));
      const int unit = static_cast<int>(random.Below(static_cast<uint64_t>(units)));
      const std::string id = std::to_string(step);
      switch (random.Below(5)) {
        case 0:
        case 1: {
          const int given = assignment.Next(annotator, -1, At(now));
          bool any = false, own = false;
          size_t fewest = 99;
          for (int i = 0; i < units; ++i) {
            if (!is_open(annotator, i)) continue;
            any = true;
            fewest = std::min(fewest, answered[i].size());
            for (const Leased& each : leases) {
              own |= each.unit == i && each.annotator == annotator && each.until > now;
            }
          }
          ASSERT_EQ(given >= 0, any);
          if (!any) break;
          ASSERT_TRUE(is_open(annotator, given));
          if (own) {
            ASSERT_TRUE(std::any_of(leases.begin(), leases.end(), [&](const Leased& each) {
              return each.unit == given && each.annotator == annotator && each.until > now;
            }));
          } else {
            ASSERT_EQ(answered[given].size(), fewest);
          }
          end_lease(annotator, given);
          leases.push_back({annotator, given, now + kLease});
          break;
        }
        case 2:
          assignment.Take(AnswerOn(unit, annotator, id));
          answered[unit].insert(annotator);
          skipped[unit].erase(annotator);
          end_lease(annotator, unit);
          break;
        case 3:
          assignment.Take(SkipOf(unit, annotator, id));
          skipped[unit].insert(annotator);
          answered[unit].erase(annotator);
          end_lease(annotator, unit);
          break;
        default:
          assignment.Release(annotator, unit);
          end_lease(annotator, unit);
      }
      ASSERT_EQ(assignment.AnswersOf(unit), static_cast<int>(answered[unit].size()));
    }
  }
}

TEST(AnswerOverview, CountsWhatCounts) {
  const AnnotationTask task = TaskOf(3);
  Assignment assignment(task, {2, kLease});
  const auto take = [&](int unit, const std::string& annotator, const std::string& label,
                        double seconds) {
    Answer answer = AnswerOn(unit, annotator, annotator + std::to_string(unit) + label);
    answer.label = label;
    answer.seconds = seconds;
    answer.time = fmt::format("2026-01-31T12:00:{:02}Z", static_cast<int>(seconds));
    assignment.Take(answer);
  };
  EXPECT_FALSE(OverviewOf(assignment).same_label);
  EXPECT_FALSE(OverviewOf(assignment).seconds_median);
  take(0, "a", "sofa", 50);
  take(0, "a", "Trees", 10);  // in place of it
  take(0, "b", "tree", 20);
  take(0, "c", "lamp", 40);
  take(1, "b", "bed", 30);
  assignment.Take(SkipOf(1, "a", "skip"));
  assignment.CountRefusal("d");
  assignment.CountRefusal("a");
  const AnswerOverview overview = OverviewOf(assignment);
  EXPECT_EQ(overview.units_done, 1);
  EXPECT_EQ(overview.answers, 4);
  EXPECT_EQ(overview.skipped, 1);
  EXPECT_EQ(overview.refused, 2);
  EXPECT_DOUBLE_EQ(overview.same_label.value(), 1.0 / 3);  // of the three pairs on unit 0
  EXPECT_DOUBLE_EQ(overview.seconds_median.value(), 25);
  EXPECT_DOUBLE_EQ(overview.same_crossed.value(), 1);
  ASSERT_EQ(overview.annotators.size(), 4u);
  EXPECT_EQ(overview.annotators[0].answers, 1);
  EXPECT_EQ(overview.annotators[0].refused, 1);
  EXPECT_DOUBLE_EQ(overview.annotators[1].seconds_median.value(), 25);
  EXPECT_EQ(overview.annotators[1].last, "2026-01-31T12:00:30Z");
  EXPECT_EQ(overview.annotators[3].name, "d");
  EXPECT_FALSE(overview.annotators[3].seconds_median);
  ASSERT_EQ(overview.units.size(), 3u);
  EXPECT_EQ(overview.units[0].label, "tree");
  EXPECT_EQ(overview.units[1].answers, 1);
  EXPECT_EQ(overview.units[2].label, "");
}

}  // namespace
}  // namespace netdissect
