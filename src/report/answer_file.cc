#include "report/answer_file.h"

#include <fstream>

#include "base/json_bounds.h"
#include "base/regular_file.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/task_report.h"

namespace netdissect {
namespace {

Json ParsedLine(const std::string& line, const std::string& where) {
  RequireBoundedJson(line, where);
  try {
    return Json::parse(line);
  } catch (const nlohmann::json::exception&) {
    Fail("{}: expected an answer as a line of JSON, found {}", where, Excerpt(line));
  }
}

}  // namespace

AnswerFileEnd ReadAnswers(
    const Path& file, const std::function<void(const Answer&, const std::string& where)>& answer,
    const std::function<void(const std::string& error)>& bad) {
  std::ifstream stream = OpenRegularFile(file);
  if (!stream) Fail("{}: expected answers, found no file that can be read", file.string());
  AnswerFileEnd end;
  std::string line;
  for (int64_t number = 1; std::getline(stream, line); ++number) {
    end.has_end = !stream.eof();  // the line's own end was found before the file's
    const auto size = static_cast<int64_t>(line.size()) + (end.has_end ? 1 : 0);
    if (!end.has_end && !Json::accept(line)) {
      end.is_cut = !Trim(line).empty();
      end.has_end = true;  // that of the line before
      if (end.is_cut) break;
    }
    end.bytes += size;
    if (Trim(line).empty()) continue;
    ++end.lines;
    const std::string where = fmt::format("{}:{}", file.string(), number);
    Answer said;
    try {
      said = AnswerFrom(ParsedLine(line, where), where);
    } catch (const Error& error) {
      bad(error.what());
      continue;
    }
    answer(said, where);
  }
  if (stream.bad()) Fail("{}: cannot be read to its end", file.string());
  return end;
}

}  // namespace netdissect
