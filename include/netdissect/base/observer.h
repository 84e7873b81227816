#pragma once
// How the library speaks to whoever runs it: it never prints. A long computation takes an Observer
// and tells it how far it is and what it had to leave out.

#include <cstdint>
#include <string>

#include "netdissect/base/error.h"
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

class Observer {
 public:
  virtual ~Observer() = default;
  /// `done` of `total` items of `what` ("images") are done; called often, from one thread at a
  /// time.
  virtual void Progress(const std::string& what, int64_t done, int64_t total);
  /// Something was left out or looks wrong, and the work goes on.
  virtual void Warning(const std::string& message);
  /// Something worth knowing.
  virtual void Note(const std::string& message);
  /// Asked between two items of work; true ends the computation with Stopped.
  virtual bool StopRequested();
};

/// The observer asked for an end. What was done until then is as the computation's header says.
class Stopped : public Error {
 public:
  using Error::Error;
};

/// Throws Stopped, saying that `done` of `total` items of `what` are done, where the observer asks
/// for an end.
void CheckStop(Observer& observer, const std::string& what, int64_t done, int64_t total);

/// An observer that ignores everything.
Observer& Silent();

}  // namespace netdissect
