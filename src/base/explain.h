#pragma once
// Exceptions of the libraries below as one line for people.

#include <exception>
#include <string>

#include "netdissect/base/file.h"

namespace netdissect {

/// What went wrong, in one line without a trace of calls: of LibTorch, OpenCV, the file system,
/// JSON and where memory ran out it says who complains of what. An Error's message as it is.
std::string Explain(const std::exception& error);

/// Within a catch block: throws an Error again as it is, and of anything else one that names the
/// file and what was expected of it.
[[noreturn]] void RethrowAbout(const Path& file, const std::string& expected);

}  // namespace netdissect
