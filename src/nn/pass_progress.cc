#include "nn/pass_progress.h"

#include <algorithm>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr double kShare = 50;  // keeping takes at most one in so many seconds

}  // namespace

void SaveSkipped(const std::vector<SkippedImage>& skipped, ByteWriter& out) {
  out.Put(skipped.size());
  for (const SkippedImage& image : skipped) {
    out.Put(image.image);
    out.Put(image.reason);
    out.Put(image.index);
  }
}

void AddSkipped(ByteReader& in, std::vector<SkippedImage>& skipped) {
  for (auto left = in.Get<size_t>(); left > 0; --left) {
    SkippedImage& image = skipped.emplace_back();
    in.Get(image.image);
    in.Get(image.reason);
    in.Get(image.index);
  }
}

void SortByImage(std::vector<SkippedImage>& skipped) {
  std::stable_sort(skipped.begin(), skipped.end(),
                   [](const SkippedImage& a, const SkippedImage& b) { return a.index < b.index; });
}

PassProgress::PassProgress(int64_t total, const PassVisitor& visitor, const PassOptions& options,
                           Crew& crew, Observer& observer)
    : total_(total),
      visitor_(visitor),
      parts_(options.parts),
      keep_every_(options.keep_every),
      crew_(crew),
      observer_(observer) {}

// What is counted already is not counted twice: a process may have been killed between keeping what
// it took up from others and removing their files.
void PassProgress::Take(std::string_view state) {
  ByteReader in(state);
  ItemRanges done;
  for (const ItemRange& range : in.Get<std::vector<ItemRange>>()) done.Add(range);
  if (done_.Meet(done)) return;
  summary_.images += in.Get<int64_t>();
  AddSkipped(in, summary_.skipped);
  seconds_before_ += in.Get<double>();
  if (visitor_.add) visitor_.add(in);
  in.Finish();
  done_.Add(done);
}

ItemRanges PassProgress::TakeUp() {
  if (parts_ != nullptr) {
    const std::string own = parts_->Own();
    if (!own.empty()) Take(own);
    if (crew_.completes()) {
      parts_->ForEachOther([&](const Path&, std::string_view state) { Take(state); });
      if (done() > 0 && crew_.size() > 1) {
        Keep();
        parts_->RemoveOthers();
      }
    }
    if (done() > 0) {
      observer_.Note(fmt::format("{} of {} {} were done before", done(), total_, visitor_.what));
    }
  }
  return done_.Missing(total_);
}

void PassProgress::Add(const ItemRange& places, int64_t images,
                       const std::vector<SkippedImage>& skipped) {
  done_.Add(places);
  worked_ = SecondsSince(start_);
  summary_.images += images;
  summary_.skipped.insert(summary_.skipped.end(), skipped.begin(), skipped.end());
}

void PassProgress::Keep() {
  if (parts_ == nullptr || done_.empty()) return;
  const auto begin = Clock::now();
  ByteWriter out;
  out.Put(done_.list());
  out.Put(summary_.images);
  SaveSkipped(summary_.skipped, out);
  out.Put(seconds_before_ + worked_);
  if (visitor_.save) visitor_.save(out);
  parts_->Keep(out.bytes());
  kept_ = Clock::now();
  keeping_ = SecondsSince(begin);
}

void PassProgress::KeepNowAndThen() {
  if (SecondsSince(kept_) > std::max(keep_every_, kShare * keeping_)) Keep();
}

void PassProgress::Finish() {
  if (!crew_.completes() || crew_.size() > 1) Keep();
  crew_.Meet();
  if (!crew_.completes()) {
    throw ShareDone(fmt::format("{} of {} {} are done: the part of this process", done(), total_,
                                visitor_.what));
  }
  if (crew_.size() > 1 && parts_ != nullptr) {
    parts_->ForEachOther([&](const Path&, std::string_view state) { Take(state); });
  }
  const ItemRanges missing = done_.Missing(total_);
  if (!missing.empty()) {
    Fail("{}: expected all {} to be done, found {} missing, from {} on", visitor_.what, total_,
         missing.count(), missing.list().front().begin);
  }
}

PassSummary PassProgress::Summary() const {
  PassSummary summary = summary_;
  SortByImage(summary.skipped);
  summary.seconds = seconds_before_ + worked_;
  return summary;
}

}  // namespace netdissect
