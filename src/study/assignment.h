#pragma once
// Who is asked about which unit, and what becomes of the answers. Each unit is to get `answers`
// answers of different people. Who asks for work gets a unit that they have not answered, for a
// while, so that no more people than wanted work on one unit; what is not answered in time goes to
// somebody else. Answers are taken from anybody, late ones too: work that is done is not thrown
// away. No files, no network, no clock: the time is told.

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "study/annotation_task.h"

namespace netdissect {

struct AssignmentOptions {
  int answers = 3;     // wanted of each unit
  double lease = 900;  // seconds that a unit is one annotator's to answer
};

enum class AnswerVerdict {
  kNew,
  kAgain,      // taken before, under the same id
  kUncrossed,  // leaves a negative uncrossed: refused
  kConflict    // its id is another answer's
};

class Assignment {
 public:
  using Time = Clock::time_point;

  /// The task has to outlive it. Error where the options make no sense.
  Assignment(const AnnotationTask& task, const AssignmentOptions& options);

  const AnnotationTask& task() const { return task_; }
  const AssignmentOptions& options() const { return options_; }

  /// What becomes of an answer to the task (RequireAnswerTo). Changes nothing.
  AnswerVerdict Judge(const Answer& answer) const;

  /// Takes a new answer and ends the annotator's lease. It replaces the annotator's answer to the
  /// unit before.
  void Take(const Answer& answer);

  /// Counts an answer that was refused.
  void CountRefusal(const std::string& annotator);

  /// The unit for the annotator to answer now, leased to them; -1 where there is none. The unit
  /// that they have (`current`, -1 = none) as long as they may have it, else one that was leased to
  /// them before, else of the open units one with the fewest answers, the first of these. A unit is
  /// open to who has neither answered nor skipped it, where answers and leases of others are fewer
  /// than the answers wanted.
  int Next(const std::string& annotator, int current, Time now);

  /// Begins the lease anew; false where the unit is no longer open to them. Error where there is no
  /// such unit.
  bool Renew(const std::string& annotator, int unit, Time now);
  void Release(const std::string& annotator, int unit);

  /// Indices of the units that the annotator has answered or skipped.
  std::vector<int> AnsweredBy(const std::string& annotator) const;

  /// By unit: the last answer of each annotator, skips among them.
  const std::vector<std::map<std::string, Answer>>& answers() const { return answers_; }
  /// By annotator.
  const std::map<std::string, int>& refusals() const { return refusals_; }

  /// Answers of a unit without skips.
  int AnswersOf(int unit) const;
  /// Units that have as many as wanted.
  int Done() const;

 private:
  using Leases = std::map<std::string, Time>;  // by annotator: when it ends

  Leases& LiveLeases(int unit, Time now);
  bool IsOpen(const std::string& annotator, int unit, Time now);
  void Lease(const std::string& annotator, int unit, Time now);
  void RequireUnit(int unit) const;

  const AnnotationTask& task_;
  AssignmentOptions options_;
  std::vector<std::map<std::string, Answer>> answers_;
  std::vector<int> counts_;  // AnswersOf
  std::vector<Leases> leases_;
  std::unordered_map<std::string, Answer> by_id_;
  std::map<std::string, int> refusals_;
};

}  // namespace netdissect
