#include "base/file_digests.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/regular_file.h"
#include "netdissect/base/error.h"

namespace netdissect {

void AddFrom(std::istream& stream, int64_t bytes, Digest& digest) {
  std::string block(size_t{1} << 18, '\0');
  while (bytes > 0 && stream) {
    stream.read(block.data(), std::min(bytes, static_cast<int64_t>(block.size())));
    digest.Add(block.data(), static_cast<size_t>(stream.gcount()));
    bytes -= stream.gcount();
  }
}

std::string DigestOfFile(const Path& file) {
  std::ifstream stream = OpenRegularFile(file);
  if (!stream) ReadFile(file);  // says why
  Digest digest;
  AddFrom(stream, std::numeric_limits<int64_t>::max(), digest);
  if (stream.bad()) Fail("{}: cannot be read", file.string());
  return digest.Hex();
}

std::vector<std::string> FilesUnder(const Path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename().string().front() == '.') continue;
    names.push_back(entry.path().lexically_relative(folder).generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
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
