#include "base/line_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <set>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

bool IsJson(const std::string& line) { return Json::accept(line); }

TEST(LineLog, KeepsEveryLineOfManyThreads) {
  const ScratchFolder scratch;
  const Path file = scratch.File("log", "before\n");
  constexpr int kThreads = 8, kLines = 50;
  {
    LineLog log(file);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&log, thread] {
        for (int i = 0; i < kLines; ++i) {
          log.Append(fmt::format("{} {} {}", thread, i, std::string(1000, 'x')));
          log.Flush();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(log.flushes(), kLines);  // of one thread, which waits for each
    EXPECT_LE(log.flushes(), kThreads * kLines);
    const int64_t flushes = log.flushes();
    log.Flush();  // nothing to do
    EXPECT_EQ(log.flushes(), flushes);
  }
  std::set<std::string> lines;
  std::vector<int> next(kThreads, 0);
  ForEachLine(file, [&](std::string_view line, int number) {
    lines.insert(std::string(line));
    if (number == 1) return;
    int thread = 0, i = 0;
    ASSERT_EQ(std::sscanf(std::string(line).c_str(), "%d %d ", &thread, &i), 2);
    EXPECT_EQ(i, next[static_cast<size_t>(thread)]++);  // each thread's in order
  });
  EXPECT_EQ(lines.size(), 1u + kThreads * kLines);
  EXPECT_EQ(lines.count("before"), 1u);
}

// A limit of the file's size is met as a full disk is: in the midst of a line.
TEST(LineLog, NothingStaysOfALineThatCannotBeWritten) {
  const ScratchFolder scratch;
  const Path file = scratch.path() / "log";
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  LineLog log(file);
  log.Append("first");
  rlimit small = before;
  small.rlim_cur = 20;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = ErrorOf([&] { log.Append(std::string(100, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_TRUE(HasAll(error, {file.string(), "cannot be written"}));
  EXPECT_EQ(ReadFile(file), "first\n");
  log.Append("second");
  log.Flush();
  EXPECT_EQ(ReadFile(file), "first\nsecond\n");
}

TEST(LineLog, SaysWhereItCannotBe) {
  EXPECT_TRUE(HasAll(ErrorOf([] { LineLog log("/nowhere/log"); }), {"/nowhere/log"}));
}

TEST(EndLastLine, PutsACutLineAside) {
  const ScratchFolder scratch;
  // Wherever a process is killed while it writes its second line.
  const std::string first = "{\"a\": 1}\n", second = "{\"b\": [2, 3]}";
  for (size_t written = 1; written < second.size(); ++written) {
    const std::string rest = second.substr(0, written);
    const Path file = scratch.File("log", first + rest);
    const CutLine cut = EndLastLine(file, IsJson);
    EXPECT_EQ(cut.bytes, static_cast<int64_t>(written));
    EXPECT_EQ(ReadFile(file), first);
    EXPECT_EQ(ReadFile(cut.moved_to), rest);
  }
  const Path only = scratch.File("log", "{\"a");
  EXPECT_EQ(EndLastLine(only, IsJson).bytes, 3);
  EXPECT_EQ(ReadFile(only), "");
}

TEST(EndLastLine, LeavesWholeLines) {
  const ScratchFolder scratch;
  EXPECT_EQ(EndLastLine(scratch.path() / "none", IsJson).bytes, 0);
  for (const std::string text : {"", "{}\n", "no JSON\n", "{}\n\n"}) {
    const Path file = scratch.File("log", text);
    EXPECT_EQ(EndLastLine(file, IsJson).bytes, 0);
    EXPECT_EQ(ReadFile(file), text);
  }
  const Path unended = scratch.File("log", "{}\n{\"a\": 1}");
  EXPECT_EQ(EndLastLine(unended, IsJson).bytes, 0);
  EXPECT_EQ(ReadFile(unended), "{}\n{\"a\": 1}\n");
}

}  // namespace
}  // namespace netdissect
