#pragma once

#include <string>
#include <string_view>

namespace netdissect {

/// RFC 4648, with padding: bytes within a page's data URI.
std::string Base64(std::string_view bytes);

}  // namespace netdissect
