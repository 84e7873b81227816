#pragma once
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// "0.1.0"
const char* Version();

}  // namespace netdissect
