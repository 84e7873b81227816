#pragma once
// NumPy's array format, version 1.0: little-endian float32, C order.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<float> values;  // C order
};

/// What stands before the values; at least `bytes` long.
std::string NpyHeader(const std::vector<int64_t>& shape, size_t bytes = 0);

struct NpyLayout {
  std::vector<int64_t> shape;
  int64_t begin = 0;  // of the values in the file
  int64_t bytes = 0;  // of the whole file
};

/// Of a file that begins so: its first kNpyHeader bytes, or all where there are fewer. `path` is
/// for the Error where that is no such array.
constexpr size_t kNpyHeader = 65536 + 10;
NpyLayout ReadNpyHeader(std::string_view beginning, const Path& path);

void WriteNpy(const Path& path, const std::vector<int64_t>& shape, const float* values);
NpyArray ReadNpy(const Path& path);

}  // namespace netdissect
