#pragma once
// A file that one process at a time has: its owner says in it who it is.

#include <memory>
#include <string>
#include <string_view>

#include "netdissect/base/file.h"

namespace netdissect {

class FileLock {
 public:
  /// Locks `file`, creating it where it is missing, and writes `owner` into it. Nothing where
  /// another process has it, or another FileLock of this one. The system frees the lock of a
  /// process that ends, however it ends. Where the file system knows no locks, everyone gets it.
  /// Error where the file cannot be created.
  static std::unique_ptr<FileLock> Try(const Path& file, std::string_view owner);

  /// Removes the file and frees the lock.
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  FileLock(Path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
  Path file_;
  int descriptor_;
};

}  // namespace netdissect
