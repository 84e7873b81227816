#pragma once
// Files: whole reads, and writes that are complete or absent. What is written goes to a temporary
// name beside the target, is flushed to the disk and then renamed, so that nothing half-written
// ever bears a final name.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace netdissect {

using Path = std::filesystem::path;

/// The whole file. Error where it is missing, a folder, or unreadable.
std::string ReadFile(const Path& path);

/// Writes `bytes` to `path` at once or not at all, creating missing folders.
void WriteFile(const Path& path, std::string_view bytes);

/// The same for what is streamed: `write` fills the temporary file's stream.
void WriteFile(const Path& path, const std::function<void(std::ostream&)>& write);

/// Creates the folder (and its parents) and checks that a file can be written in it.
void RequireWritableFolder(const Path& folder);

/// Calls `line(text, number)` for every line that is neither empty nor a # comment, stripped of
/// surrounding white space; numbers count from 1. A UTF-8 byte order mark is not part of the text.
void ForEachLine(const Path& path, const std::function<void(std::string_view, int)>& line);

/// `layer/name` as one file name component: fire9/concat becomes fire9_concat.
std::string FileNameOf(std::string_view layer);

}  // namespace netdissect
