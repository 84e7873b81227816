#pragma once
// answers.jsonl: what annotators sent, a line each, appended to and never changed.

#include <functional>
#include <string>

#include "netdissect/base/file.h"
#include "study/annotation_task.h"

namespace netdissect {

struct AnswerFileEnd {
  int64_t lines = 0;    // that are not empty, the cut one left out
  int64_t bytes = 0;    // of them, and of the empty ones between: where to append
  bool is_cut = false;  // the last line has no end and is no whole answer: who wrote it died
  bool has_end = true;  // the last whole line has its end; else it is to be put first
};

/// Reads line by line, so that memory does not grow with the file. Calls `answer` with each, and
/// with "FILE:LINE"; `bad` with the error of a line that is none, which does not end the reading.
/// What `answer` throws does. Error where the file is missing or unreadable.
AnswerFileEnd ReadAnswers(
    const Path& file, const std::function<void(const Answer&, const std::string& where)>& answer,
    const std::function<void(const std::string& error)>& bad);

}  // namespace netdissect
