#pragma once
// Tables of comma-separated values (RFC 4180), as spreadsheets and crowd platforms write them.

#include <functional>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

/// Calls `row(fields, line)` for each row, `line` being that on which it begins, from 1. Fields may
/// be quoted; within quotes commas and line ends are text, and "" is a quote. Lines end in LF or
/// CRLF; empty ones are no rows, and a UTF-8 byte order mark is no text. A quote inside a field
/// that does not begin with one is text too. Error where a quoted field does not end, or is
/// followed by more than a comma or a line's end.
void ForEachCsvRow(
    const Path& file,
    const std::function<void(const std::vector<std::string>& fields, int line)>& row);

}  // namespace netdissect
