#pragma once
// The digests of files that a result is of, by their names, as the result says them: where one of
// the files was damaged or lost, the result is not taken for finished.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// Adds the next `bytes` of the stream, or as many as there are.
void AddFrom(std::istream& stream, int64_t bytes, Digest& digest);

/// Of the whole file, which may be larger than memory.
std::string DigestOfFile(const Path& file);

/// The names of the files in the folder and below, a / between folders; without hidden ones.
std::vector<std::string> FilesUnder(const Path& folder);

/// {NAME: digest, ...} of files in the folder.
Json FileDigests(const Path& folder, const std::vector<std::string>& names);

/// What is wrong with the first of the files that is not as it was: its path, the digest expected
/// and found. Nothing where all are. `digests` is from a file, and may be anything.
std::optional<std::string> FindChangedFile(const Path& folder, const Json& digests);

}  // namespace netdissect
