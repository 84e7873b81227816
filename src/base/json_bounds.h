#pragma once
// What JSON of others is held to before anything is made of it (base/limits.h).

#include <string>
#include <string_view>

#include "base/limits.h"

namespace netdissect {

/// Error where more than `deepest` lists and objects (at most kDeepestJson) are inside each other,
/// or an object has too many keys; its message begins with `what`. In one pass, without memory.
void RequireBoundedJson(std::string_view text, const std::string& what, int deepest = kDeepestJson);

}  // namespace netdissect
