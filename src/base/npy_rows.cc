#include "base/npy_rows.h"

#include "base/npy.h"
#include "base/regular_file.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr size_t kRowsHeader = 192;  // room for any number of rows

}  // namespace

NpyRowWriter::NpyRowWriter(const Path& path, int64_t columns) : file_(path), columns_(columns) {
  file_.stream() << NpyHeader({0, columns}, kRowsHeader);
}

void NpyRowWriter::Add(const float* rows, int64_t count) {
  file_.stream().write(reinterpret_cast<const char*>(rows),
                       count * columns_ * int64_t{sizeof(float)});
  rows_ += count;
}

void NpyRowWriter::Commit() {
  file_.stream().seekp(0);
  file_.stream() << NpyHeader({rows_, columns_}, kRowsHeader);
  file_.Commit();
}

NpyRowReader::NpyRowReader(const Path& path) : path_(path), stream_(OpenRegularFile(path)) {
  if (!stream_) Fail("{}: expected a file that can be read, found none", path.string());
  std::string beginning(kNpyHeader, '\0');
  stream_.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<size_t>(stream_.gcount()));
  const NpyLayout layout = ReadNpyHeader(beginning, path);
  if (layout.shape.size() != 2) {
    Fail("{}: expected an array of rows and columns, found {} dimensions", path.string(),
         layout.shape.size());
  }
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(path));
  if (bytes != layout.bytes) {
    Fail("{}: expected {} bytes, found {}", path.string(), layout.bytes, bytes);
  }
  begin_ = layout.begin;
  rows_ = layout.shape[0];
  columns_ = layout.shape[1];
}

void NpyRowReader::Read(int64_t first, int64_t count, float* out) {
  if (first < 0 || count < 0 || count > rows_ || first > rows_ - count) {
    Fail("{}: expected rows among {}, found {} from {}", path_.string(), rows_, count, first);
  }
  const int64_t row = columns_ * int64_t{sizeof(float)};
  stream_.clear();
  stream_.seekg(begin_ + first * row);
  stream_.read(reinterpret_cast<char*>(out), count * row);
  if (!stream_) Fail("{}: expected {} rows from {}, found fewer", path_.string(), count, first);
}

}  // namespace netdissect
