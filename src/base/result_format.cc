#include "base/result_format.h"

#include "netdissect/base/error.h"

namespace netdissect {

int ReadFormat(const Path& file, const Json& header) {
  const Json stored = header.value("format", Json(kResultFormat));
  const bool whole = stored.is_number_integer();
  if (whole && stored >= 1 && stored <= kResultFormat) return stored.get<int>();
  Fail("{}: expected a result of format 1 to {}, found {}: written by another version, {}",
       file.string(), kResultFormat, Shown(stored),
       Shown(header.value("version", Json("unknown"))));
}

}  // namespace netdissect
