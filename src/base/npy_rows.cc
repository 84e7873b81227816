#include "base/npy_rows.h"

#include "base/bulk_write.h"
#include "base/file_digests.h"
#include "base/npy.h"
#include "base/regular_file.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr size_t kRowsHeader = 192;  // room for any number of rows

}  // namespace

NpyRowWriter::NpyRowWriter(const Path& path, int64_t columns)
    : path_(path), part_(path.string() + ".part"), columns_(columns) {}

NpyRowWriter::~NpyRowWriter() {
  if (kept_ || !stream_.is_open()) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

void NpyRowWriter::Open(std::ios::openmode how) {
  std::error_code ignored;
  std::filesystem::create_directories(part_.parent_path(), ignored);
  stream_.open(part_, std::ios::binary | std::ios::out | how);
  RequireWritten();
}

void NpyRowWriter::RequireWritten() {
  if (!stream_) Fail("{}: cannot be written; is the disk full?", part_.string());
}

void NpyRowWriter::Continue(int64_t rows, const std::string& digest) {
  constexpr auto kBegin = static_cast<int64_t>(kRowsHeader);
  const int64_t bytes = rows * columns_ * int64_t{sizeof(float)};
  std::ifstream before = OpenRegularFile(part_);
  before.seekg(kBegin);
  AddFrom(before, bytes, digest_);
  if (digest_.Hex() != digest) {
    throw DamagedRows(fmt::format("{}: expected {} rows of the digest {}, found {}", part_.string(),
                                  rows, digest, digest_.Hex()));
  }
  before.close();
  std::filesystem::resize_file(part_, static_cast<std::uintmax_t>(kBegin + bytes));
  Open(std::ios::in);
  stream_.seekp(0, std::ios::end);
  rows_ = rows;
  kept_ = true;
}

void NpyRowWriter::Add(const float* rows, int64_t count) {
  if (!stream_.is_open()) {
    Open(std::ios::trunc);
    stream_ << NpyHeader({0, columns_}, kRowsHeader);
  }
  const int64_t bytes = count * columns_ * int64_t{sizeof(float)};
  stream_.write(reinterpret_cast<const char*>(rows), bytes);
  RequireWritten();
  digest_.Add(rows, static_cast<size_t>(bytes));
  rows_ += count;
}

int64_t NpyRowWriter::Flush() {
  if (!stream_.is_open()) return 0;
  stream_.flush();
  RequireWritten();
  FlushFileSystem(part_.parent_path());
  kept_ = true;
  return rows_;
}

void NpyRowWriter::Commit() {
  if (!stream_.is_open()) Add(nullptr, 0);
  stream_.seekp(0);
  stream_ << NpyHeader({rows_, columns_}, kRowsHeader);
  Flush();
  stream_.close();
  std::filesystem::rename(part_, path_);
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

std::string NpyRowReader::DigestOfRows() {
  Digest digest;
  stream_.clear();
  stream_.seekg(begin_);
  AddFrom(stream_, rows_ * columns_ * int64_t{sizeof(float)}, digest);
  return digest.Hex();
}

}  // namespace netdissect
