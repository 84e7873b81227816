#include "report/answer_file.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "report/task_report.h"
#include "study/some_task.h"

namespace netdissect {
namespace {

struct ReadBack {
  std::vector<Answer> answers;
  std::vector<std::string> places, errors;
  AnswerFileEnd end;
};

ReadBack ReadBackFrom(const std::string& text) {
  const ScratchFolder scratch;
  ReadBack read;
  read.end = ReadAnswers(
      scratch.File("answers.jsonl", text),
      [&](const Answer& answer, const std::string& where) {
        read.answers.push_back(answer);
        read.places.push_back(where);
      },
      [&](const std::string& error) { read.errors.push_back(error); });
  return read;
}

std::string LineOf(const Answer& answer) { return ToJson(answer).dump(); }

TEST(AnswerFileTest, LinesComeBackInTheirOrder) {
  const Answer first = SomeAnswer("1", 4, "Zoë", "tree", {1, 4});
  const Answer second = SomeAnswer("2", 9, "bob", "a \"b\"\nc");
  const std::string text = LineOf(first) + "\n\n" + LineOf(second) + "\r\n";
  const ReadBack read = ReadBackFrom(text);
  ASSERT_EQ(read.answers.size(), 2u);
  EXPECT_EQ(LineOf(read.answers[0]), LineOf(first));
  EXPECT_EQ(LineOf(read.answers[1]), LineOf(second));
  EXPECT_TRUE(HasAll(read.places[1], {"answers.jsonl:3"}));
  EXPECT_TRUE(read.errors.empty());
  EXPECT_EQ(read.end.lines, 2);
  EXPECT_EQ(read.end.bytes, static_cast<int64_t>(text.size()));
  EXPECT_FALSE(read.end.is_cut);
  EXPECT_TRUE(read.end.has_end);
}

TEST(AnswerFileTest, ALineThatIsNoneIsNamedAndTheOthersAreRead) {
  const std::string good = LineOf(SomeAnswer("1", 4, "ann", "tree"));
  Json without = ToJson(SomeAnswer("2", 4, "ann", "tree"));
  without.erase("annotator");
  const ReadBack read =
      ReadBackFrom(good + "\nno json\n[1]\n" + without.dump() + "\n" + good + "\n");
  EXPECT_EQ(read.answers.size(), 2u);
  ASSERT_EQ(read.errors.size(), 3u);
  EXPECT_TRUE(HasAll(read.errors[0], {"answers.jsonl:2", "no json"}));
  EXPECT_TRUE(HasAll(read.errors[1], {"answers.jsonl:3", "object"}));
  EXPECT_TRUE(HasAll(read.errors[2], {"answers.jsonl:4", "annotator"}));
  EXPECT_EQ(read.end.lines, 5);
  EXPECT_FALSE(read.end.is_cut);
}

// A writer that died leaves any part of its last line: what came before is whole.
TEST(AnswerFileTest, ALastLineIsCutAtEveryPlaceButItsEnd) {
  const std::string first = LineOf(SomeAnswer("1", 4, "ann", "tree")) + "\n";
  const std::string last = LineOf(SomeAnswer("2", 9, "bob", "sea"));
  for (size_t length = 0; length <= last.size(); ++length) {
    const bool is_whole = length == last.size(), is_cut = length > 0 && !is_whole;
    const ReadBack read = ReadBackFrom(first + last.substr(0, length));
    EXPECT_EQ(read.answers.size(), is_whole ? 2u : 1u) << length;
    EXPECT_TRUE(read.errors.empty()) << length;
    EXPECT_EQ(read.end.is_cut, is_cut) << length;
    EXPECT_EQ(read.end.has_end, !is_whole) << length;
    EXPECT_EQ(read.end.bytes, static_cast<int64_t>(first.size() + (is_whole ? length : 0)));
  }
}

TEST(AnswerFileTest, AMissingFileIsAnErrorAndAnEmptyOneIsNot) {
  EXPECT_EQ(ReadBackFrom("").end.lines, 0);
  const ScratchFolder scratch;
  const auto error = [](const Path& place) {
    return ErrorOf([&] {
      ReadAnswers(
          place, [](const Answer&, const std::string&) {}, [](const std::string&) {});
    });
  };
  EXPECT_TRUE(HasAll(error(scratch.path() / "none.jsonl"), {"none.jsonl", "answers"}));
  EXPECT_TRUE(HasAll(error(scratch.path()), {scratch.path().string(), "a folder"}));
}

}  // namespace
}  // namespace netdissect
