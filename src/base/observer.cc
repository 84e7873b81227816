#include "netdissect/base/observer.h"

namespace netdissect {

void Observer::Progress(const std::string& /*what*/, int64_t /*done*/, int64_t /*total*/) {}
void Observer::Warning(const std::string& /*message*/) {}
void Observer::Note(const std::string& /*message*/) {}
bool Observer::StopRequested() { return false; }

void CheckStop(Observer& observer, const std::string& what, int64_t done, int64_t total) {
  if (!observer.StopRequested()) return;
  throw Stopped(fmt::format("stopped after {} of {} {}", done, total, what));
}

Observer& Silent() {
  static Observer observer;
  return observer;
}

}  // namespace netdissect
