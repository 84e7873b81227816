#pragma once
// answers.jsonl, the answers to a task as they came, a line of JSON each, and refused.jsonl, who
// left a negative uncrossed and where. Both only grow. An answer is a line for good: one that is
// replaced stays, the last one of an annotator to a unit counts.

#include <map>
#include <string>
#include <vector>

#include "base/line_log.h"
#include "report/run_folder.h"
#include "study/annotation_task.h"

namespace netdissect {

struct AnswerLine {
  int64_t number = 0;  // from 1
  Answer answer;
};

struct AnswerLines {
  std::vector<AnswerLine> answers;
  std::vector<std::string> others;  // "FILE: line 7: why it is no answer to the task"
};

/// Reads what a server or people have collected. None where there is no file.
AnswerLines ReadAnswers(const Path& file, const AnnotationTask& task);

/// Answers refused so far by annotator. Lines that are no refusals are told in `others`.
std::map<std::string, int> ReadRefusals(const Path& file, std::vector<std::string>& others);

/// The files of a server that is running. Safe to use from many threads.
class AnswerLog {
 public:
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
