#include "base/seal.h"

#include <algorithm>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr std::string_view kBefore = ",\n  \"checksum\": \"", kAfter = "\"\n", kEnd = "}\n";
constexpr size_t kHex = 32;
constexpr size_t kSize = kBefore.size() + kHex + kAfter.size() + kEnd.size();

size_t Differing(std::string_view text, std::string_view expected) {
  size_t count = 0;
  for (size_t i = 0; i < expected.size(); ++i) count += text[i] == expected[i] ? 0 : 1;
  return count;
}

std::string Checksum(std::string_view text) { return Digest().Add(text.data(), text.size()).Hex(); }

}  // namespace

bool IsResult(const Json& json) {
  return json.is_object() && !json.empty() && json.begin().key() == kHeaderKey;
}

std::string SealMember(Digest& text) {
  return std::string(kBefore) + text.Hex() + std::string(kAfter);
}

std::string Sealed(const std::string& text) {
  const size_t end = text.size() - kEnd.size() - 1;  // of the last member
  Digest digest;
  digest.Add(text.data(), end);
  return text.substr(0, end) + SealMember(digest) + std::string(kEnd);
}

std::string Unsealed(const Path& path, std::string text) {
  if (text.size() < kSize) return text;
  const size_t end = text.size() - kSize;
  const std::string_view seal = std::string_view(text).substr(end);
  const std::string_view found = seal.substr(kBefore.size(), kHex);
  const std::string_view rest = seal.substr(kBefore.size() + kHex);
  const size_t differing =
      Differing(seal, kBefore) + Differing(rest, std::string(kAfter) + std::string(kEnd));
  constexpr size_t kDamaged = 2;  // bytes that differ in what still is meant for a seal
  if (differing > kDamaged) return text;
  const std::string expected = Checksum(std::string_view(text).substr(0, end));
  if (differing > 0 || found != expected) {
    Fail(
        "{}: is not as it was written: expected the checksum {} at its end, found {}; run again "
        "what wrote it, or, where it was changed on purpose, remove \"checksum\" from it",
        path.string(), expected, found);
  }
  text.resize(end);
  text += '\n';
  text += kEnd;
  return text;
}

}  // namespace netdissect
