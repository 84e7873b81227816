#pragma once
// against.json, and what changed as lines for people.

#include <string>
#include <vector>

#include "base/json.h"
#include "report/run_numbers.h"

namespace netdissect {

/// Keys of against.json: changes[]: {where, before, after, interval, difference, relative, items,
/// of, paired}; numbers[], all that were compared, of the same keys and `changed`; compared,
/// differing, unjudged, method, matched[], unmatched[],
/// left_out[], unreadable[]. `interval` is the difference's.
Json ToJson(const RunNumbers& runs, const Changes& changes, const ChangeOptions& options);

/// "rf scene_net pool5: mean size 72.1 -> 65.3 (-9.4%, 95% interval -10.9% .. -7.9%, 24 units)",
/// for each number that changed.
std::vector<std::string> ChangeLines(const RunNumbers& runs, const Changes& changes,
                                     const ChangeOptions& options);

/// What was compared, in one line, and what was not.
std::string SummaryLine(const RunNumbers& runs, const Changes& changes,
                        const ChangeOptions& options);

/// How it was told from noise, for those who read the file alone.
std::string MethodText(const ChangeOptions& options);

}  // namespace netdissect
