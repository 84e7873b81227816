#pragma once
// Files: whole reads, and writes that are complete or absent. What is written goes to a temporary
// name beside the target, is flushed to the disk and then renamed, so that nothing half-written
// ever bears a final name.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

using Path = std::filesystem::path;

/// Whether there is a file or folder. Error where that cannot be seen: one of the folders on the
/// way may not be entered, say.
bool Exists(const Path& path);

/// The whole file. Error where it is missing, unreadable or no regular file: a folder, a FIFO.
std::string ReadFile(const Path& path);

/// Writes `bytes` to `path` at once or not at all, creating missing folders.
void WriteFile(const Path& path, std::string_view bytes);

/// The same for what is streamed: `write` fills the temporary file's stream.
void WriteFile(const Path& path, const std::function<void(std::ostream&)>& write);

/// A file that is written bit by bit, while other work goes on:
///
///   AtomicFile file(path);
///   file.stream() << ...;
///   file.Commit();
///
/// Where it is destroyed uncommitted, nothing of it is left and what was at `path` still is.
class AtomicFile {
 public:
  /// Opens the temporary file, creating missing folders.
  explicit AtomicFile(Path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream() { return stream_; }
  const Path& path() const { return path_; }

  /// Flushes to the disk and renames. Error where not everything could be written.
  void Commit();

  /// The same without the flush (base/bulk_write.h).
  void CommitUnflushed();

 private:
  void Close();
  void Rename();

  Path path_, temporary_;
  std::ofstream stream_;
  bool committed_ = false;
};

/// Creates the folder (and its parents) and checks that a file can be written in it.
void RequireWritableFolder(const Path& folder);

/// Calls `line(text, number)` for every line that is neither empty nor a # comment, stripped of
/// surrounding white space; numbers count from 1. A UTF-8 byte order mark is not part of the text.
void ForEachLine(const Path& path, const std::function<void(std::string_view, int)>& line);

/// `layer/name` as one file name component: fire9/concat becomes fire9_concat.
std::string FileNameOf(std::string_view layer);

}  // namespace netdissect
