#include "netdissect/base/version.h"

namespace netdissect {

const char* Version() { return NETDISSECT_VERSION; }

}  // namespace netdissect
