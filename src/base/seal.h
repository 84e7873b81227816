#pragma once
// The seal of a result: its last member is the checksum of the text before it,
//
//   {
//     "netdissect": {...},
//     ...
//     "checksum": "0123456789abcdef0123456789abcdef"
//   }
//
// so that a result that was damaged, and still is JSON, is not taken for what was computed. A text
// without a seal is as good as ever: an earlier version, a person or another program wrote it.

#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/json.h"

namespace netdissect {

/// The first member of every result, and of what else is sealed.
constexpr char kHeaderKey[] = "netdissect";

/// Whether this is an object that begins with that member.
bool IsResult(const Json& json);

/// The member that seals a text, which has been added to the digest piece by piece; with the comma
/// before it and the line's end after it.
std::string SealMember(Digest& text);

/// "{\n...\n}\n" with its seal.
std::string Sealed(const std::string& text);

/// The same without it; as it is where it has none. Error, beginning with the path, where the text
/// is not what was sealed.
std::string Unsealed(const Path& path, std::string text);

}  // namespace netdissect
