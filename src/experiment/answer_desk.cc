#include "experiment/answer_desk.h"

#include "netdissect/base/error.h"
#include "report/answer_file.h"

namespace netdissect {
namespace {

const RunFiles& Mended(const RunFiles& files, Observer& observer) {
  MendAnswerFiles(files, observer);
  return files;
}

}  // namespace

AnswerDesk::AnswerDesk(const AnnotationTask& task, const AssignmentOptions& options,
                       const RunFiles& files, Observer& observer, Told told)
    : assignment_(task, options), told_(std::move(told)), log_(Mended(files, observer)) {
  ReadBack(files, observer);
}

void AnswerDesk::ReadBack(const RunFiles& files, Observer& observer) {
  constexpr int64_t kNamed = 10;
  int64_t again = 0, others = 0;
  const auto leave_out = [&](const std::string& error) {
    if (others++ < kNamed) observer.Warning(error);
  };
  ReadAnswers(
      files.Answers(),
      [&](const Answer& answer, const std::string& where) {
        try {
          again += TakeBack(answer, where) ? 0 : 1;
        } catch (const Error& error) {
          leave_out(error.what());
        }
      },
      leave_out);
  for (const auto& [annotator, count] : ReadRefusals(files.Refusals(), leave_out)) {
    for (int i = 0; i < count; ++i) assignment_.CountRefusal(annotator);
  }
  if (again > 0) {
    observer.Warning(fmt::format("{}: {} answers are there again, and count once",
                                 files.Answers().string(), again));
  }
  if (others > 0) {
    observer.Warning(fmt::format("{}: {} lines do not count", files.folder().string(), others));
  }
}

// False where it was there before.
bool AnswerDesk::TakeBack(const Answer& answer, const std::string& where) {
  RequireAnswerTo(assignment_.task(), answer, where);
  switch (assignment_.Judge(answer)) {
    case AnswerVerdict::kNew:
      assignment_.Take(answer);
      return true;
    case AnswerVerdict::kAgain:
      return false;
    case AnswerVerdict::kConflict:
      Fail("{}: expected an id of its own, found {}, which another answer bears too", where,
           answer.id);
    case AnswerVerdict::kUncrossed:
      break;
  }
  Fail("{}: expected all negatives to be crossed out, found one that is not", where);
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
