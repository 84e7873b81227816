#include "netdissect/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/bulk_write.h"
#include "base/limits.h"
#include "base/regular_file.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::string Reason() { return std::strerror(errno); }

constexpr std::string_view kTemporary = ".tmp-";

void FlushToDisk(const Path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) Fail("{}: cannot be opened to be flushed: {}", path.string(), Reason());
  const int status = fsync(descriptor);
  close(descriptor);
  if (status != 0) Fail("{}: cannot be flushed to the disk: {}", path.string(), Reason());
}

void CreateFolder(const Path& folder) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) Fail("{}: cannot be created: {}", folder.string(), error.message());
}

}  // namespace

Path TemporaryBeside(const Path& path) {
  static std::atomic<int> counter{0};
  Path temporary = path;
  temporary += fmt::format("{}{}-{}", kTemporary, getpid(), counter++);
  return temporary;
}

std::optional<int64_t> ProcessOfTemporary(const Path& path) {
  const std::string name = path.filename().string();
  const size_t mark = name.rfind(kTemporary);
  if (mark == std::string::npos) return std::nullopt;
  const char* end = name.data() + name.size();
  int64_t process = 0, number = 0;
  const auto [dash, bad] = std::from_chars(name.data() + mark + kTemporary.size(), end, process);
  if (bad != std::errc() || dash == end || *dash != '-' || process < 1) return std::nullopt;
  const auto [last, also_bad] = std::from_chars(dash + 1, end, number);
  if (also_bad != std::errc() || last != end || number < 0) return std::nullopt;
  return process;
}

bool Exists(const Path& path) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) Fail("{}: cannot be read: {}", path.string(), error.message());
  return exists;
}

std::string ReadFile(const Path& path) {
  if (!Exists(path)) Fail("{}: no such file", path.string());
  std::ifstream stream = OpenRegularFile(path);
  if (!stream) Fail("{}: cannot be opened: {}", path.string(), Reason());
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) Fail("{}: cannot be read: {}", path.string(), error.message());
  if (size > kLargestFile) {
    Fail("{}: expected a file of at most {} bytes, found {}", path.string(), kLargestFile, size);
  }
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(stream.gcount()));
  stream.clear(stream.rdstate() & std::ios::badbit);
  // /proc says 0 of files that are not empty.
  bytes.append(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  if (stream.bad()) Fail("{}: cannot be read: {}", path.string(), Reason());
  return bytes;
}

AtomicFile::AtomicFile(Path path) : path_(std::move(path)), temporary_(TemporaryBeside(path_)) {
  CreateFolder(path_.parent_path());
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!stream_) Fail("{}: cannot be written: {}", path_.string(), Reason());
}

AtomicFile::~AtomicFile() {
  if (committed_) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::Close() {
  if (committed_) Fail("{}: expected to be committed once, found a second time", path_.string());
  stream_.close();
  if (!stream_) Fail("{}: cannot be written whole: {}", path_.string(), Reason());
}

void AtomicFile::Rename() {
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) Fail("{}: cannot be written: {}", path_.string(), error.message());
  committed_ = true;
}

// A name is in its folder, which is flushed by itself.
void AtomicFile::Commit() {
  Close();
  FlushToDisk(temporary_);
  Rename();
  FlushToDisk(path_.has_parent_path() ? path_.parent_path() : Path("."));
}

void AtomicFile::CommitUnflushed() {
  Close();
  Rename();
}

void WriteFile(const Path& path, std::string_view bytes) {
  WriteFile(path, [&](std::ostream& stream) {
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
}

void WriteFile(const Path& path, const std::function<void(std::ostream&)>& write) {
  AtomicFile file(path);
  write(file.stream());
  file.Commit();
}

void WriteFileUnflushed(const Path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.CommitUnflushed();
}

void FlushFileSystem(const Path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) Fail("{}: cannot be opened to be flushed: {}", folder.string(), Reason());
  const int status = syncfs(descriptor);
  close(descriptor);
  if (status != 0) Fail("{}: cannot be flushed to the disk: {}", folder.string(), Reason());
}

void RequireWritableFolder(const Path& folder) {
  CreateFolder(folder);
  const Path probe = TemporaryBeside(folder / "probe");
  const int descriptor = open(probe.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) Fail("{}: cannot be written to: {}", folder.string(), Reason());
  close(descriptor);
  unlink(probe.c_str());
}

void ForEachLine(const Path& path, const std::function<void(std::string_view, int)>& line) {
  const std::string text = ReadFile(path);
  const bool marked = text.compare(0, 3, "\xef\xbb\xbf") == 0;  // an editor's byte order mark
  int number = 0;
  for (size_t begin = marked ? 3 : 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    std::string_view view(text.data() + begin, end - begin);
    begin = end + 1;
    ++number;
    view = Trim(view);
    if (const size_t bad = FindNoUtf8(view); bad != std::string_view::npos) {
      Fail("{}:{}: expected text in UTF-8, found the byte {:#04x} behind \"{}\"", path.string(),
           number, static_cast<unsigned char>(view[bad]), view.substr(0, bad));
    }
    if (!view.empty() && view[0] != '#') line(view, number);
  }
}

std::string FileNameOf(std::string_view layer) {
  std::string name(layer);
  for (char& c : name) {
    if (c == '/' || c == '\\' || c == ':' || c == '\0') c = '_';
  }
  if (name.empty() || name[0] == '.') name.insert(0, "_");
  return name;
}

}  // namespace netdissect
