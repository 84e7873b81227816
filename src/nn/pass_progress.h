#pragma once
// How far a pass is: which of its images are done, by this process or by others, and what was
// gathered of them, kept in files while it goes on (base/part_files.h).

#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crew.h"
#include "base/part_files.h"
#include "netdissect/nn/pass.h"

namespace netdissect {

/// Images that were left out, as bytes and back, and in the order of the list.
void SaveSkipped(const std::vector<SkippedImage>& skipped, ByteWriter& out);
void AddSkipped(ByteReader& in, std::vector<SkippedImage>& skipped);
void SortByImage(std::vector<SkippedImage>& skipped);

class PassProgress {
 public:
  /// Of a pass over `total` images.
  PassProgress(int64_t total, const PassVisitor& visitor, const PassOptions& options, Crew& crew,
               Observer& observer);

  /// What was kept of earlier passes is taken up; what is left to do.
  ItemRanges TakeUp();
  /// A batch, or what was skipped, is done.
  void Add(const ItemRange& places, int64_t images, const std::vector<SkippedImage>& skipped);
  /// Keeps what there is, where there is a place for it.
  void Keep();
  /// Keeps it where that was not done for a minute.
  void KeepNowAndThen();
  /// All that was to be done by this process is: what others have done is taken up. ShareDone where
  /// another one completes the pass.
  void Finish();

  int64_t done() const { return done_.count(); }
  /// Whole, once Finish has returned.
  PassSummary Summary() const;

 private:
  void Take(std::string_view state);

  int64_t total_;
  const PassVisitor& visitor_;
  PartFiles* parts_;
  double keep_every_;
  Crew& crew_;
  Observer& observer_;
  ItemRanges done_;
  PassSummary summary_;
  double seconds_before_ = 0;  // of earlier and other processes
  double worked_ = 0;          // seconds of this one, up to its last image
  Clock::time_point start_ = Clock::now(), kept_ = start_;
  double keeping_ = 0;  // seconds that it took last
};

}  // namespace netdissect
