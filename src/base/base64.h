#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace netdissect {

/// RFC 4648, with padding: bytes within a page's data URI.
std::string Base64(std::string_view bytes);

/// The bytes again; white space between the digits is passed over. Nothing where it is no such
/// text.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace netdissect
