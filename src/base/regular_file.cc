#include "base/regular_file.h"

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

const char* NameOf(std::filesystem::file_type type) {
  switch (type) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::fifo:
      return "a FIFO";
    case std::filesystem::file_type::character:
      return "a character device";
    case std::filesystem::file_type::block:
      return "a block device";
    case std::filesystem::file_type::socket:
      return "a socket";
    default:
      return "something else";
  }
}

}  // namespace

void RequireRegularFile(const Path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (error || !std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return;
  Fail("{}: expected a regular file, found {}", path.string(), NameOf(status.type()));
}

std::ifstream OpenRegularFile(const Path& path) {
  RequireRegularFile(path);
  return std::ifstream(path, std::ios::binary);
}

}  // namespace netdissect
