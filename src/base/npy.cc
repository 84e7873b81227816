#include "base/npy.h"

#include <cstring>

#include "base/limits.h"
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
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || size > kMostNpyValues || (count > 0 && size > kMostNpyValues / count)) {
      Fail("{}: expected an array of at most {} values, found shape {}", path.string(),
           kMostNpyValues, fmt::join(shape, " x "));
    }
    count *= size;
  }
  return count;
}

}  // namespace

std::string NpyHeader(const std::vector<int64_t>& shape, size_t bytes) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape) text += fmt::format("{}, ", size);
  text += "), }";
  // Magic, two bytes of length and the text with its newline fill whole 64-byte blocks.
  const auto size = [&] { return kMagicSize + 2 + text.size() + 1; };
  while (size() % 64 != 0 || size() < bytes) text += ' ';
  text += '\n';
  std::string header(kMagic, kMagicSize);
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

NpyLayout ReadNpyHeader(std::string_view beginning, const Path& path) {
  if (beginning.size() < kMagicSize + 2 || std::memcmp(beginning.data(), kMagic, kMagicSize) != 0) {
    Fail("{}: expected a NumPy array of format 1.0, found another file", path.string());
  }
  const size_t length = static_cast<unsigned char>(beginning[8]) |
                        (static_cast<size_t>(static_cast<unsigned char>(beginning[9])) << 8);
  const std::string header(beginning.substr(kMagicSize + 2, length));
  const size_t open = header.find('('), close = header.find(')');
  if (header.find("'<f4'") == std::string::npos || header.find("False") == std::string::npos ||
      open == std::string::npos || close == std::string::npos || close < open) {
    Fail("{}: expected little-endian float32 in C order, found {}", path.string(), header);
  }
  NpyLayout layout;
  std::string shape = header.substr(open + 1, close - open - 1);
  for (size_t begin = 0; begin < shape.size();) {
    const size_t end = std::min(shape.find(',', begin), shape.size());
    const std::string field = shape.substr(begin, end - begin);
    const size_t digit = field.find_first_not_of(' ');
    if (digit != std::string::npos) {
      layout.shape.push_back(ParseInteger(std::string_view(field).substr(digit), path.string()));
    }
    begin = end + 1;
  }
  layout.begin = static_cast<int64_t>(kMagicSize + 2 + length);
  layout.bytes = layout.begin + CheckedCountOf(layout.shape, path) * int64_t{sizeof(float)};
  return layout;
}

// Unflushed (base/bulk_write.h): there may be one for every unit.
void WriteNpy(const Path& path, const std::vector<int64_t>& shape, const float* values) {
  AtomicFile file(path);
  file.stream() << NpyHeader(shape);
  file.stream().write(reinterpret_cast<const char*>(values),
                      CountOf(shape) * int64_t{sizeof(float)});
  file.CommitUnflushed();
}

NpyArray ReadNpy(const Path& path) {
  const std::string bytes = ReadFile(path);
  const NpyLayout layout = ReadNpyHeader(bytes, path);
  if (static_cast<int64_t>(bytes.size()) != layout.bytes) {
    Fail("{}: expected {} bytes, found {}", path.string(), layout.bytes, bytes.size());
  }
  NpyArray array = {layout.shape, {}};
  const auto begin = static_cast<size_t>(layout.begin);
  array.values.resize((bytes.size() - begin) / sizeof(float));
  if (!array.values.empty()) {
    std::memcpy(array.values.data(), bytes.data() + begin, bytes.size() - begin);
  }
  return array;
}

}  // namespace netdissect
