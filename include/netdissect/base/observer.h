#pragma once
// How the library speaks to whoever runs it: it never prints. A long computation takes an Observer
// and tells it how far it is and what it had to leave out.

#include <cstdint>
#include <string>

namespace netdissect {

class Observer {
 public:
  virtual ~Observer() = default;
  /// `done` of `total` items of `what` ("images") are done; called often, from one thread at a
  /// time.
  virtual void Progress(const std::string& what, int64_t done, int64_t total);
  /// Something was left out or looks wrong, and the work goes on.
  virtual void Warning(const std::string& message);
};

/// An observer that ignores everything.
Observer& Silent();

}  // namespace netdissect
