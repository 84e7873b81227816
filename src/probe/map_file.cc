#include "probe/map_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <cstdlib>

#include "base/npy.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::vector<float> ReadRow(std::string_view text, const Path& path, int line) {
  constexpr const char* kSeparators = ",; \t";
  std::vector<float> row;
  for (size_t begin = text.find_first_not_of(kSeparators); begin != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    const std::string word(text.substr(begin, end - begin));
    char* stop = nullptr;
    row.push_back(std::strtof(word.c_str(), &stop));
    if (*stop != '\0') {
      Fail("{}:{}: expected a number, found \"{}\"", path.string(), line, word);
    }
    begin = text.find_first_not_of(kSeparators, end);
  }
  return row;
}

at::Tensor ReadText(const Path& path, const Shape& shape) {
  std::vector<float> values;
  int rows = 0;
  ForEachLine(path, [&](std::string_view text, int line) {
    const std::vector<float> row = ReadRow(text, path, line);
    if (row.size() != static_cast<size_t>(shape.width)) {
      Fail("{}:{}: expected the {} values of a row, found {}", path.string(), line, shape.width,
           row.size());
    }
    values.insert(values.end(), row.begin(), row.end());
    ++rows;
  });
  if (rows != shape.height) {
    Fail("{}: expected the {} rows of a map of {} x {}, found {}", path.string(), shape.height,
         shape.height, shape.width, rows);
  }
  return at::tensor(values).view({shape.height, shape.width});
}

at::Tensor ReadArray(const Path& path, const Shape& shape, int unit) {
  const NpyArray array = ReadNpy(path);
  const at::Tensor all = at::tensor(array.values);
  if (array.shape == std::vector<int64_t>{shape.height, shape.width}) {
    return all.view({shape.height, shape.width});
  }
  if (array.shape != std::vector<int64_t>{shape.units, shape.height, shape.width}) {
    Fail("{}: expected a map of {} x {} or all of {}, found {}", path.string(), shape.height,
         shape.width, ToString(shape), fmt::join(array.shape, " x "));
  }
  if (unit < 0 || unit >= shape.units) {
    Fail("{}: has the maps of units 0 to {}: expected one of them to be chosen, found {}",
         path.string(), shape.units - 1, unit < 0 ? "none" : std::to_string(unit));
  }
  return all.view(array.shape)[unit].clone();
}

}  // namespace

at::Tensor ReadMapFile(const Path& path, const Shape& shape, int unit) {
  at::Tensor map =
      path.extension() == ".npy" ? ReadArray(path, shape, unit) : ReadText(path, shape);
  if (!at::isfinite(map).all().item<bool>()) {
    Fail("{}: expected finite values, found one that is none", path.string());
  }
  return map;
}

}  // namespace netdissect
