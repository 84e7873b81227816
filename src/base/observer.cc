#include "netdissect/base/observer.h"

namespace netdissect {

void Observer::Progress(const std::string& /*what*/, int64_t /*done*/, int64_t /*total*/) {}
void Observer::Warning(const std::string& /*message*/) {}

Observer& Silent() {
  static Observer observer;
  return observer;
}

}  // namespace netdissect
