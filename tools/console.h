#pragma once
// How the program speaks to people: logs and progress on standard error.

#include <chrono>
#include <functional>
#include <string>

#include "netdissect/base/observer.h"

namespace netdissect {

/// Progress with done/total, rate and time left once work has taken 2 seconds: a line that renews
/// itself on a terminal, a line every 15 seconds elsewhere. Warnings as log lines.
class Console : public Observer {
 public:
  ~Console() override;
  void Progress(const std::string& what, int64_t done, int64_t total) override;
  void Warning(const std::string& message) override;
  void Note(const std::string& message) override;
  /// True once SIGINT or SIGTERM has come (CatchSignals).
  bool StopRequested() override;
  /// From now on warnings alone, which say who warns.
  void Quieten(const std::string& who);
  /// Ends the progress line, so that what follows stands on a line of its own.
  void EndLine();
  /// From now on every line of progress stands between these: for work that is a part of more.
  void Frame(std::string before, std::function<std::string()> after);

 private:
  using Clock = std::chrono::steady_clock;
  std::string who_;  // "" : all is said
  std::string before_;
  std::function<std::string()> after_;
  std::string what_;
  int64_t total_ = -1;
  int64_t first_done_ = 0;  // what was done at the first report
  Clock::time_point start_{}, shown_{};
  bool line_open_ = false;
};

/// From now on the first SIGINT or SIGTERM is a request to stop at the next good moment; a second
/// one ends the process at once.
void CatchSignals();

/// The signal that asked for an end; 0: none.
int StopSignal();

/// Standard error at a level of trace, debug, info, warn, error or off.
void SetUpLog(const std::string& level);

}  // namespace netdissect
