#pragma once
// The digests of files that a result is of, by their names, as the result says them: where one of
// the files was damaged or lost, the result is not taken for finished.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// Of the whole file.
std::string DigestOfFile(const Path& file);

/// {NAME: digest, ...} of files in the folder.
Json FileDigests(const Path& folder, const std::vector<std::string>& names);

/// What is wrong with the first of the files that is not as it was: its path, the digest expected
/// and found. Nothing where all are. `digests` is from a file, and may be anything.
std::optional<std::string> FindChangedFile(const Path& folder, const Json& digests);

}  // namespace netdissect
