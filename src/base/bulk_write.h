#pragma once
// Writes of many files: each appears whole or not at all, as with WriteFile, but they are flushed
// to the disk together, since a flush for every one of thousands costs more than making them.

#include <string_view>

#include "netdissect/base/file.h"

namespace netdissect {

/// Writes to a temporary name and renames. Until FlushFileSystem a crash of the machine may leave
/// the file empty, though not of half its length.
void WriteFileUnflushed(const Path& path, std::string_view bytes);

/// Flushes everything written to the file system that `folder` is in.
void FlushFileSystem(const Path& folder);

}  // namespace netdissect
