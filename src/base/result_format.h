#pragma once
// The format number of the files that this program writes.

#include "base/json.h"
#include "netdissect/base/file.h"

namespace netdissect {

/// Grows where their keys change their meaning.
constexpr int kResultFormat = 1;

/// That of a result's header; the first format had no number. Error where it is none that this
/// program knows.
int ReadFormat(const Path& file, const Json& header);

}  // namespace netdissect
