#include "base/npy.h"

#include <cstring>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kMagic[] = "\x93NUMPY\x01\x00";
constexpr size_t kMagicSize = 8;

int64_t CountOf(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return count;
}

// The same of a shape that may be hostile: its product must not overflow.
int64_t CheckedCountOf(const std::vector<int64_t>& shape, const Path& path) {
  constexpr int64_t kMost = int64_t{1} << 40;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || size > kMost || (count > 0 && size > kMost / count)) {
      Fail("{}: expected an array of at most {} values, found shape {}", path.string(), kMost,
           fmt::join(shape, " x "));
    }
    count *= size;
  }
  return count;
}

}  // namespace

void WriteNpy(const Path& path, const std::vector<int64_t>& shape, const float* values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape) header += fmt::format("{}, ", size);
  header += "), }";
  // Magic, two bytes of length and the header with its newline fill whole 64-byte blocks.
  while ((kMagicSize + 2 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  WriteFile(path, [&](std::ostream& stream) {
    const auto length = static_cast<uint16_t>(header.size());
    stream.write(kMagic, kMagicSize);
    stream.put(static_cast<char>(length & 0xff)).put(static_cast<char>(length >> 8));
    stream << header;
    stream.write(reinterpret_cast<const char*>(values), CountOf(shape) * int64_t{sizeof(float)});
  });
}

NpyArray ReadNpy(const Path& path) {
  const std::string bytes = ReadFile(path);
  if (bytes.size() < kMagicSize + 2 || std::memcmp(bytes.data(), kMagic, kMagicSize) != 0) {
    Fail("{}: expected a NumPy array of format 1.0, found another file", path.string());
  }
  const size_t length = static_cast<unsigned char>(bytes[8]) |
                        (static_cast<size_t>(static_cast<unsigned char>(bytes[9])) << 8);
  const std::string header = bytes.substr(kMagicSize + 2, length);
  const size_t open = header.find('('), close = header.find(')');
  if (header.find("'<f4'") == std::string::npos || header.find("False") == std::string::npos ||
      open == std::string::npos || close == std::string::npos || close < open) {
    Fail("{}: expected little-endian float32 in C order, found {}", path.string(), header);
  }
  NpyArray array;
  std::string shape = header.substr(open + 1, close - open - 1);
  for (size_t begin = 0; begin < shape.size();) {
    const size_t end = std::min(shape.find(',', begin), shape.size());
    const std::string field = shape.substr(begin, end - begin);
    const size_t digit = field.find_first_not_of(' ');
    if (digit != std::string::npos) {
      array.shape.push_back(ParseInteger(std::string_view(field).substr(digit), path.string()));
    }
    begin = end + 1;
  }
  const auto count = static_cast<size_t>(CheckedCountOf(array.shape, path));
  const size_t start = kMagicSize + 2 + length;
  if (bytes.size() != start + count * sizeof(float)) {
    Fail("{}: expected {} bytes, found {}", path.string(), start + count * sizeof(float),
         bytes.size());
  }
  array.values.resize(count);
  if (count > 0) std::memcpy(array.values.data(), bytes.data() + start, count * sizeof(float));
  return array;
}

}  // namespace netdissect
