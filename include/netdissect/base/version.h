#pragma once

namespace netdissect {

/// "0.1.0"
const char* Version();

}  // namespace netdissect
