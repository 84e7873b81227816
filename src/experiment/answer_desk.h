#pragma once
// Where a server's annotators get their units and hand in their answers: the assignment and its
// files, which say the same at any time. A desk that is opened again goes on where the last one
// ended, however that was.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "report/answer_log.h"
#include "study/answer_overview.h"

namespace netdissect {

/// Safe to use from many threads.
class AnswerDesk {
 public:
  /// Called for each answer, from one thread at a time.
  using Told = std::function<void(const Answer& answer, AnswerVerdict verdict)>;

  /// Reads back what the folder holds and warns of what it leaves out: a last line that is cut,
  /// answers that are there twice, lines that are no answers to the task.
  AnswerDesk(const AnnotationTask& task, const AssignmentOptions& options, const RunFiles& files,
             Observer& observer, Told told = nullptr);

  struct Work {
    int unit = -1;  // of the task; -1: none for this annotator
    std::vector<int> answered;
    int done = 0;
  };
  Work Next(const std::string& annotator, int current);
  bool Renew(const std::string& annotator, int unit);
  void Release(const std::string& annotator, int unit);

  /// The answer, which RequireAnswerTo has passed, is on the disk when this returns kNew or kAgain.
  AnswerVerdict Take(const Answer& answer);

  /// Error where answers can no longer be saved for sure.
  void RequireSaved() { log_.Flush(); }

  /// Calls `use(assignment)` while nothing changes.
  template <typename Use>
  auto With(const Use& use) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return use(assignment_);
  }

 private:
  void ReadBack(const RunFiles& files, Observer& observer);
  bool TakeBack(const Answer& answer, const std::string& where);

  mutable std::mutex mutex_;
  Assignment assignment_;
  Told told_;
  AnswerLog log_;
};

}  // namespace netdissect
