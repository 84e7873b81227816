#include "report/answer_log.h"

#include "base/json_bounds.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

std::string LineOf(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string RefusedAnnotator(std::string_view line, const std::string& where) {
  RequireBoundedJson(line, where);
  const Json json = Json::parse(line, nullptr, false);
  const bool named =
      json.is_object() && json.contains("annotator") && json["annotator"].is_string();
  if (!named) Fail("{}: expected a refusal with its annotator, found {}", where, Excerpt(line));
  return json["annotator"].get<std::string>();
}

}  // namespace

std::map<std::string, int> ReadRefusals(const Path& file,
                                        const std::function<void(const std::string& error)>& bad) {
  std::map<std::string, int> refusals;
  if (!Exists(file)) return refusals;
  ForEachLine(file, [&](std::string_view line, int number) {
    try {
      ++refusals[RefusedAnnotator(line, fmt::format("{}:{}", file.string(), number))];
    } catch (const Error& error) {
      bad(error.what());
    }
  });
  return refusals;
}

void MendAnswerFiles(const RunFiles& files, Observer& observer) {
  for (const Path& file : {files.Answers(), files.Refusals()}) {
    const CutLine cut =
        EndLastLine(file, [](const std::string& line) { return Json::accept(line); });
    if (cut.bytes == 0) continue;
    observer.Warning(fmt::format(
        "{}: its last line was cut as it was written, so nobody was told that it is saved: 1 line "
        "of {} bytes is moved to {}",
        file.string(), cut.bytes, cut.moved_to.string()));
  }
}

AnswerLog::AnswerLog(const RunFiles& files)
    : answers_(files.Answers()), refusals_(files.Refusals()) {}

void AnswerLog::Append(const Answer& answer) { answers_.Append(LineOf(ToJson(answer))); }

void AnswerLog::AppendRefusal(const Answer& answer) {
  refusals_.Append(LineOf({{"annotator", answer.annotator},
                           {"layer", answer.layer},
                           {"unit", answer.unit},
                           {"time", answer.time}}));
}

}  // namespace netdissect
