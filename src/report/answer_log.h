#pragma once
// answers.jsonl, the answers to a task as they came, a line of JSON each, and refused.jsonl, who
// left a negative uncrossed and where. Both only grow. An answer is a line for good: one that is
// replaced stays, the last one of an annotator to a unit counts. report/answer_file.h reads them.

#include <functional>
#include <map>
#include <string>

#include "base/line_log.h"
#include "netdissect/base/observer.h"
#include "report/run_folder.h"
#include "study/annotation_task.h"

namespace netdissect {

/// Answers refused so far by annotator; `bad` is called with the error of a line that is none. None
/// where there is no file.
std::map<std::string, int> ReadRefusals(const Path& file,
                                        const std::function<void(const std::string& error)>& bad);

/// Both files end with whole lines after it, whatever happened to who wrote them. Warns of what is
/// put aside.
void MendAnswerFiles(const RunFiles& files, Observer& observer);

/// The files of a server that is running. Safe to use from many threads.
class AnswerLog {
 public:
  /// Of files that MendAnswerFiles has seen.
  explicit AnswerLog(const RunFiles& files);

  /// The answer is on the disk once Flush has returned.
  void Append(const Answer& answer);
  void Flush() { answers_.Flush(); }

  /// Not waited for: a crash of the machine may lose the last ones.
  void AppendRefusal(const Answer& answer);

 private:
  LineLog answers_, refusals_;
};

}  // namespace netdissect
