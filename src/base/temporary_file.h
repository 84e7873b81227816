#pragma once
// Names of files that are being written (netdissect/base/file.h): "NAME.tmp-PROCESS-NUMBER".

#include <cstdint>
#include <optional>

#include "netdissect/base/file.h"

namespace netdissect {

/// Unique within the machine as long as the process lives.
Path TemporaryBeside(const Path& path);

/// The number of the process that writes, or wrote, such a file; nothing of other names.
std::optional<int64_t> ProcessOfTemporary(const Path& path);

}  // namespace netdissect
