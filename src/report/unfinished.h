#pragma once
// A result while the files that it describes are written: pictures, maps, tables. They replace
// those of an earlier run one by one, so that a run that is stopped would leave an earlier result
// beside files that are not of it.
//
//   UnfinishedResult result(files, ResultKind::kFields, provenance);
//   for (...) {
//     result.Begin();
//     ... a file ...
//   }
//   result.Finish(body);

#include "base/json.h"
#include "report/run_folder.h"

namespace netdissect {

class UnfinishedResult {
 public:
  /// Touches no file yet: a run may fail before it has anything to write.
  UnfinishedResult(const RunFiles& files, ResultKind kind, Provenance provenance)
      : file_(files.Result(kind)), provenance_(std::move(provenance)) {}

  /// Before a file is written. The first time it removes an earlier run's result, unless that is of
  /// the same version, options and inputs, whose files are the same, and leaves RESULT.unfinished
  /// as a mark until the result is there.
  void Begin();

  const Path& file() const { return file_; }
  /// Of which the network may be still to come.
  Provenance& provenance() { return provenance_; }
  const Provenance& provenance() const { return provenance_; }

  /// Flushes all that was written in the run's folder to the disk, then writes the result: its
  /// header and the keys of `body`.
  void Finish(const Json& body) const;
  /// The same for a result that was streamed to a file of this name.
  void Finish(AtomicFile& streamed) const;

 private:
  Path file_;
  Provenance provenance_;
  bool begun_ = false;
};

/// Where a run has left the mark instead of its result, what to say of it; else nothing.
std::optional<std::string> UnfinishedAt(const Path& result, ResultKind kind);

/// How the names of marks end, behind the result's.
constexpr char kUnfinishedEnding[] = ".unfinished";

}  // namespace netdissect
