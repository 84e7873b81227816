#pragma once
// Digests of what files hold, so that a changed picture of the same name and size is noticed.

#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"

namespace netdissect {

enum class ContentBytes {
  kAll,
  /// All of a file up to 64 KiB; of a larger one its size, its first and last 4 KiB and 14 more
  /// blocks at places that its size fixes. Compressed pictures differ from the first change on.
  kSampled
};

/// One digest for each file, in order; a file that is missing or cannot be read has the mark
/// "none". Reads on the threads of LibTorch's loops, and tells `observer` how many `what` are done.
std::vector<std::string> ContentDigests(const std::vector<Path>& files, ContentBytes bytes,
                                        const std::string& what, Observer& observer);

}  // namespace netdissect
