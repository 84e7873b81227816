#include "base/file_digests.h"

#include "base/digest.h"
#include "netdissect/base/error.h"

namespace netdissect {

std::string DigestOfFile(const Path& file) {
  const std::string bytes = ReadFile(file);
  return Digest().Add(bytes.data(), bytes.size()).Hex();
}

Json FileDigests(const Path& folder, const std::vector<std::string>& names) {
  Json digests = Json::object();
  for (const std::string& name : names) digests[name] = DigestOfFile(folder / name);
  return digests;
}

std::optional<std::string> FindChangedFile(const Path& folder, const Json& digests) {
  if (!digests.is_object()) return "expected the digests of files, found " + Shown(digests);
  for (const auto& [name, digest] : digests.items()) {
    try {
      const Path file = folder / name;
      const std::string found = DigestOfFile(file);
      if (digest == found) continue;
      return fmt::format("{}: expected the digest {}, found {}", file.string(), Shown(digest),
                         found);
    } catch (const Error& error) {  // it cannot be read
      return error.what();
    }
  }
  return std::nullopt;
}

}  // namespace netdissect
