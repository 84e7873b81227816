#pragma once
// A file of lines that only grows and that no crash harms: a line is on the disk once Flush
// returns, and what a process that was killed had written of its last line is put aside. Threads
// that wait for the disk at the same time share one flush.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "netdissect/base/error.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// The file can be written no more; what it holds of the last lines is unknown.
class LostLog : public Error {
 public:
  using Error::Error;
};

/// What a crash left: the beginning of a last line, now the whole of FILE.cut, in place of an
/// earlier one.
struct CutLine {
  int64_t bytes = 0;  // 0: there is none
  Path moved_to;
};

/// A last line without its end gets it where the line is whole by `is_whole`; else it is put aside.
/// Nothing to do where there is no file. Error where it cannot be read or written.
CutLine EndLastLine(const Path& file, const std::function<bool(const std::string& line)>& is_whole);

/// Safe to use from many threads.
class LineLog {
 public:
  /// Opens `file`, creating it where it is missing; its last line has to have an end.
  explicit LineLog(Path file);
  ~LineLog();
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  /// Adds a line, of which nothing stays where it cannot be written whole: Error, and the next one
  /// may succeed. LostLog where something does stay.
  void Append(std::string_view line);

  /// Returns once all that was appended before is on the disk. LostLog where the disk fails, from
  /// then on always.
  void Flush();

  /// How often the disk was asked so far.
  int64_t flushes() const;

 private:
  [[noreturn]] void Complain() const;

  const Path file_;
  int descriptor_;
  mutable std::mutex mutex_;
  std::condition_variable flushed_more_;
  int64_t size_ = 0, flushed_ = 0, flushes_ = 0;
  bool flushing_ = false;
  std::string failure_;
};

}  // namespace netdissect
