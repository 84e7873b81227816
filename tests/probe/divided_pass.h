#pragma once
// A computation over images as several processes do it, and as one that is stopped again and again.

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/crew.h"
#include "base/part_files.h"
#include "base/scratch.h"
#include "netdissect/nn/pass.h"

namespace netdissect {

/// Asks for an end after so many reports of progress.
class StopAfter : public Observer {
 public:
  explicit StopAfter(int reports) : left_(reports) {}
  void Progress(const std::string&, int64_t, int64_t) override { --left_; }
  bool StopRequested() override { return left_ <= 0; }

 private:
  int left_;
};

/// Passes with these options, of which `parts` and `crew` are set.
template <typename Result>
using Computation = std::function<Result(const PassOptions& options, Observer& observer)>;

/// What who completes the job finds after `of` processes have done a part each.
template <typename Result>
Result InParts(const PassOptions& options, int of, const Computation<Result>& compute) {
  const ScratchFolder folder;
  const auto run = [&](Crew& crew) {
    PartFiles files(folder.path(), "job", crew.mark(), "key", Silent());
    PassOptions own = options;
    own.crew = &crew;
    own.parts = &files;
    return compute(own, Silent());
  };
  for (int part = of - 1; part >= 0; --part) {
    EXPECT_THROW(run(*MakeShard(part, of)), ShareDone) << part << " of " << of;
  }
  return run(*MakeMerger());
}

/// The same of a process that is stopped after every `batches` batches, and begun again.
template <typename Result>
Result InPieces(const PassOptions& options, int batches, const Computation<Result>& compute) {
  const ScratchFolder folder;
  PartFiles files(folder.path(), "job", "", "key", Silent());
  PassOptions own = options;
  own.parts = &files;
  for (int times = 0; times < 1000; ++times) {
    StopAfter observer(batches);
    try {
      return compute(own, observer);
    } catch (const Stopped&) {
    }
  }
  throw Error("expected an end");
}

}  // namespace netdissect
