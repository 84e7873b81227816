#pragma once
// What is read has to be a regular file: a pipe is waited for until somebody writes to it, and a
// device such as /dev/zero has no end.

#include "netdissect/base/file.h"

namespace netdissect {

/// Error where `path` is a folder, a FIFO, a device or a socket, by itself or behind a link. What
/// is missing is left to who opens it.
void RequireRegularFile(const Path& path);

/// The file opened for reading bytes, after that check; a stream that has failed where the file is
/// missing or may not be read.
std::ifstream OpenRegularFile(const Path& path);

}  // namespace netdissect
