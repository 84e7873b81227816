#include "report/answer_log.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "report/answer_file.h"
#include "report/task_report.h"
#include "study/some_task.h"

namespace netdissect {
namespace {

class Warnings : public Observer {
 public:
  void Warning(const std::string& message) override { all += message + "\n"; }
  std::string all;
};

std::vector<Answer> AnswersIn(const Path& file) {
  std::vector<Answer> answers;
  ReadAnswers(
      file, [&](const Answer& answer, const std::string&) { answers.push_back(answer); },
      [](const std::string& error) { ADD_FAILURE() << error; });
  return answers;
}

Answer OddAnswer() {
  Answer answer = SomeAnswer("id \"7\"", 9,
                             "Ana\nMar\xc3\xad"
                             "a",
                             "\xe2\x80\xa8 </script> \\");
  answer.seconds = 0.1;
  answer.time = "2026-01-31T12:00:00Z";
  return answer;
}

TEST(AnswerLog, IsReadBackAsItWasWritten) {
  const ScratchFolder scratch;
  const RunFiles files(scratch.path());
  Answer skip = SomeAnswer("second", 4, "b", "", {});
  skip.group = "";
  skip.skipped = "cannot tell";
  {
    AnswerLog log(files);
    log.Append(OddAnswer());
    log.Flush();
  }
  AnswerLog log(files);  // goes on
  log.Append(skip);
  log.Flush();
  const std::vector<Answer> answers = AnswersIn(files.Answers());
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(ToJson(answers[0]), ToJson(OddAnswer()));
  EXPECT_EQ(ToJson(answers[1]), ToJson(skip));
}

TEST(AnswerLog, CountsRefusals) {
  const ScratchFolder scratch;
  const RunFiles files(scratch.path());
  EXPECT_TRUE(ReadRefusals(files.Refusals(), [](const std::string&) {}).empty());
  {
    AnswerLog log(files);
    for (const char* name : {"a", "b", "a"}) log.AppendRefusal(SomeAnswer("x", 4, name, "bed"));
    log.AppendRefusal(OddAnswer());
  }
  WriteFile(files.Refusals(), ReadFile(files.Refusals()) + "[1]\nno JSON\n{\"annotator\": 7}\n");
  std::vector<std::string> bad;
  const auto refusals =
      ReadRefusals(files.Refusals(), [&](const std::string& error) { bad.push_back(error); });
  EXPECT_EQ(refusals, (std::map<std::string, int>{{"a", 2}, {"b", 1}, {OddAnswer().annotator, 1}}));
  ASSERT_EQ(bad.size(), 3u);
  EXPECT_TRUE(HasAll(bad[0], {"refused.jsonl:5", "[1]"}));
}

TEST(AnswerLog, IsMendedAfterACrash) {
  const ScratchFolder scratch;
  const RunFiles files(scratch.path());
  AnswerLog(files).Append(OddAnswer());
  const std::string whole = ReadFile(files.Answers());
  Warnings warnings;
  MendAnswerFiles(files, warnings);
  EXPECT_EQ(warnings.all, "");
  EXPECT_EQ(ReadFile(files.Answers()), whole);
  WriteFile(files.Answers(), whole + whole.substr(0, 30));
  WriteFile(files.Refusals(), "{\"annot");
  MendAnswerFiles(files, warnings);
  EXPECT_TRUE(HasAll(warnings.all, {"answers.jsonl: ", "1 line of 30 bytes",
                                    "refused.jsonl: ", "1 line of 7 bytes", "answers.jsonl.cut"}));
  EXPECT_EQ(ReadFile(files.Answers()), whole);
  // A whole answer without its end is one.
  WriteFile(files.Answers(), whole.substr(0, whole.size() - 1));
  MendAnswerFiles(files, warnings);
  EXPECT_EQ(ReadFile(files.Answers()), whole);
}

}  // namespace
}  // namespace netdissect
