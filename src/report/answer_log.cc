#include "report/answer_log.h"

#include "netdissect/base/error.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

std::string OneLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Calls `take(json, where, number)` for each line; what it throws goes to `others`.
template <typename Take>
void ForEachRecord(const Path& file, std::vector<std::string>& others, const Take& take) {
  if (!Exists(file)) return;
  ForEachLine(file, [&](std::string_view text, int number) {
    const std::string where = fmt::format("{}: line {}", file.string(), number);
    try {
      take(Json::parse(text), where, number);
    } catch (const Error& error) {
      others.emplace_back(error.what());
    } catch (const nlohmann::json::exception& error) {
      others.push_back(fmt::format("{}: expected JSON, found: {}", where, error.what()));
    }
  });
}

}  // namespace

AnswerLines ReadAnswers(const Path& file, const AnnotationTask& task) {
  AnswerLines lines;
  ForEachRecord(file, lines.others, [&](const Json& json, const std::string& where, int number) {
    Answer answer = AnswerFrom(json, where);
    RequireAnswerTo(task, answer, where);
    lines.answers.push_back({number, std::move(answer)});
  });
  return lines;
}

std::map<std::string, int> ReadRefusals(const Path& file, std::vector<std::string>& others) {
  std::map<std::string, int> refusals;
  ForEachRecord(file, others, [&](const Json& json, const std::string& where, int) {
    const bool named =
        json.is_object() && json.contains("annotator") && json["annotator"].is_string();
    if (!named) Fail("{}: expected a refusal with its annotator, found {}", where, Shown(json));
    ++refusals[json["annotator"].get<std::string>()];
  });
  return refusals;
}

AnswerLog::AnswerLog(const RunFiles& files)
    : answers_(files.Answers()), refusals_(files.Refusals()) {}

void AnswerLog::Append(const Answer& answer) { answers_.Append(OneLine(ToJson(answer))); }

void AnswerLog::AppendRefusal(const Answer& answer) {
  refusals_.Append(OneLine({{"annotator", answer.annotator},
                            {"layer", answer.layer},
                            {"unit", answer.unit},
                            {"time", answer.time}}));
}

}  // namespace netdissect
