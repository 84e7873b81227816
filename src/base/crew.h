#pragma once
// The processes that do one job together: this one alone, one of several that know nothing of each
// other (`--shard`), the one that makes a whole of what these have done (`merge`), or one of those
// that run at the same time (tools/mpi_crew.h).
//
// What a process has done goes to files of the run's folder under its mark; who has none completes
// the job: it finds all that was done, and writes the results.

#include <memory>
#include <string>

#include "base/item_ranges.h"
#include "netdissect/base/error.h"

namespace netdissect {

class Crew {
 public:
  virtual ~Crew() = default;

  /// "" of who completes the job.
  virtual std::string mark() const { return ""; }
  bool completes() const { return mark().empty(); }
  /// Processes that run at the same time.
  virtual int size() const { return 1; }
  /// Whether there never were others.
  virtual bool alone() const { return false; }

  /// Begins to share out `todo`, places in a list of `total`. All of a crew call it; what who
  /// completes the job says counts.
  virtual void Begin(const ItemRanges& todo, int64_t total) = 0;
  /// The next items, about `most` of them, that are this process's: empty where none are left.
  virtual ItemRange Next(int64_t most) = 0;
  /// Waits until all are here. Error where another process has failed.
  virtual void Meet() {}
  /// The same; all get the text of the one who completes the job.
  virtual std::string Tell(const std::string& text) { return text; }
};

/// What was to be done by this process is done, and the rest is not its business. Not a failure:
/// the message says what is next.
class ShareDone : public Error {
 public:
  using Error::Error;
};

/// A process alone.
std::unique_ptr<Crew> MakeSolo();

/// Part `part` (from 0) of `of` of every list. Error where there is no such part.
std::unique_ptr<Crew> MakeShard(int64_t part, int64_t of);

/// Who finds all done by shards: Error where something is left to do.
std::unique_ptr<Crew> MakeMerger();

/// "2/4" as part 1 of 4. Error where it says no part.
std::unique_ptr<Crew> ParseShard(const std::string& text);

}  // namespace netdissect
