#include "experiment/answer_desk.h"

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// What a file held before it is written on.
const RunFiles& Repaired(const RunFiles& files, Observer& observer) {
  for (const Path& file : {files.Answers(), files.Refusals()}) {
    const CutLine cut = PutCutLineAside(file);
    if (cut.bytes == 0) continue;
    observer.Warning(fmt::format(
        "{}: its last line was cut as it was written, so nobody was told that it is saved: 1 line "
        "of {} bytes is moved to {}",
        file.string(), cut.bytes, cut.moved_to.string()));
  }
  return files;
}

}  // namespace

AnswerDesk::AnswerDesk(const AnnotationTask& task, const AssignmentOptions& options,
                       const RunFiles& files, Observer& observer, Told told)
    : assignment_(task, options), told_(std::move(told)), log_(Repaired(files, observer)) {
  ReadBack(files, observer);
}

void AnswerDesk::ReadBack(const RunFiles& files, Observer& observer) {
  constexpr size_t kNamed = 10;
  const std::string file = files.Answers().string();
  AnswerLines lines = ReadAnswers(files.Answers(), assignment_.task());
  int64_t again = 0;
  for (const auto& [number, answer] : lines.answers) {
    switch (assignment_.Judge(answer)) {
      case AnswerVerdict::kNew:
        assignment_.Take(answer);
        break;
      case AnswerVerdict::kAgain:
        ++again;
        break;
      case AnswerVerdict::kConflict:
        lines.others.push_back(
            fmt::format("{}: line {}: its id \"{}\" is another answer's", file, number, answer.id));
        break;
      case AnswerVerdict::kUncrossed:
        lines.others.push_back(
            fmt::format("{}: line {}: leaves a negative uncrossed", file, number));
        break;
    }
  }
  for (const auto& [annotator, count] : ReadRefusals(files.Refusals(), lines.others)) {
    for (int i = 0; i < count; ++i) assignment_.CountRefusal(annotator);
  }
  if (again > 0) observer.Warning(fmt::format("{}: {} answers are there again", file, again));
  for (size_t i = 0; i < std::min(kNamed, lines.others.size()); ++i) {
    observer.Warning(lines.others[i]);
  }
  if (!lines.others.empty()) {
    observer.Warning(fmt::format("{}: {} lines do not count", file, lines.others.size()));
  }
}

AnswerDesk::Work AnswerDesk::Next(const std::string& annotator, int current) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int unit = assignment_.Next(annotator, current, Clock::now());
  return {unit, assignment_.AnsweredBy(annotator), assignment_.Done()};
}

bool AnswerDesk::Renew(const std::string& annotator, int unit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return assignment_.Renew(annotator, unit, Clock::now());
}

void AnswerDesk::Release(const std::string& annotator, int unit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  assignment_.Release(annotator, unit);
}

AnswerVerdict AnswerDesk::Take(const Answer& answer) {
  AnswerVerdict verdict{};
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    verdict = assignment_.Judge(answer);
    if (verdict == AnswerVerdict::kNew) {
      log_.Append(answer);
      assignment_.Take(answer);
    } else if (verdict == AnswerVerdict::kUncrossed) {
      assignment_.CountRefusal(answer.annotator);
      log_.AppendRefusal(answer);
    }
    if (told_) told_(answer, verdict);
  }
  // One that was taken before may still wait for the disk.
  if (verdict == AnswerVerdict::kNew || verdict == AnswerVerdict::kAgain) log_.Flush();
  return verdict;
}

}  // namespace netdissect
