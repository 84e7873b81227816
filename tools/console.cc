#include "console.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

namespace {

volatile std::sig_atomic_t stop_signal = 0;

void AskToStop(int signal) {
  stop_signal = signal;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void CatchSignals() {
  std::signal(SIGINT, AskToStop);
  std::signal(SIGTERM, AskToStop);
}

int StopSignal() { return stop_signal; }

bool Console::StopRequested() { return stop_signal != 0; }

Console::~Console() { EndLine(); }

void Console::Progress(const std::string& what, int64_t done, int64_t total) {
  if (spdlog::get_level() > spdlog::level::info || !who_.empty()) return;
  const Clock::time_point now = Clock::now();
  if (what != what_ || total != total_ || done < first_done_) {
    EndLine();
    what_ = what;
    total_ = total;
    first_done_ = done;
    start_ = shown_ = now;
    return;
  }
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double since = std::chrono::duration<double>(now - shown_).count();
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (elapsed < 2 || since < (terminal ? 0.2 : 15)) {
    if (!(line_open_ && done == total)) return;
  }
  shown_ = now;
  const double rate = static_cast<double>(done - first_done_) / elapsed;
  std::string line = fmt::format("{}{} {}/{}", before_, what, done, total);
  if (rate > 0) {
    line += fmt::format("  {:.1f}/s  {} left", rate,
                        FormatDuration(static_cast<double>(total - done) / rate));
  }
  if (after_) line += "; " + after_();
  if (terminal) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    line_open_ = true;
    if (done == total) EndLine();
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

void Console::Warning(const std::string& message) {
  EndLine();
  spdlog::warn("{}{}", who_, message);
}

void Console::Quieten(const std::string& who) { who_ = who + ": "; }

void Console::Note(const std::string& message) {
  if (!who_.empty()) return;
  EndLine();
  spdlog::info("{}", message);
}

void Console::EndLine() {
  if (!line_open_) return;
  std::fputc('\n', stderr);
  line_open_ = false;
}

void Console::Frame(std::string before, std::function<std::string()> after) {
  EndLine();
  before_ = std::move(before);
  after_ = std::move(after);
}

void SetUpLog(const std::string& level) {
  auto log = spdlog::stderr_color_mt("netdissect");
  log->set_pattern("%^%l%$: %v");
  log->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(log);
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace netdissect
