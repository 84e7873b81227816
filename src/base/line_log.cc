#include "base/line_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace netdissect {
namespace {

std::string DiskReason() { return std::strerror(errno); }

// A new file's name is on the disk once its folder is.
void FlushFolderOf(const Path& file) {
  const Path folder = file.parent_path().empty() ? Path(".") : file.parent_path();
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  const std::string reason = DiskReason();
  if (descriptor >= 0) close(descriptor);
  if (!flushed) Fail("{}: cannot be flushed to the disk: {}", folder.string(), reason);
}

}  // namespace

CutLine EndLastLine(const Path& file,
                    const std::function<bool(const std::string& line)>& is_whole) {
  if (!Exists(file)) return {};
  const std::string text = ReadFile(file);
  const size_t ended = text.rfind('\n') + 1;  // 0 where there is none
  if (ended == text.size()) return {};
  const std::string rest = text.substr(ended);
  if (is_whole(rest)) {
    WriteFile(file, text + "\n");
    return {};
  }
  CutLine cut{static_cast<int64_t>(rest.size()), file};
  cut.moved_to += ".cut";
  WriteFile(cut.moved_to, rest);
  std::error_code error;
  std::filesystem::resize_file(file, ended, error);
  if (error) {
    Fail("{}: its last line, which is cut, cannot be removed: {}", file.string(), error.message());
  }
  return cut;
}

LineLog::LineLog(Path file)
    : file_(std::move(file)),
      // A FIFO that nobody reads is an error rather than waited for.
      descriptor_(
          open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644)) {
  if (descriptor_ < 0) Fail("{}: cannot be written: {}", file_.string(), DiskReason());
  size_ = flushed_ = lseek(descriptor_, 0, SEEK_END);
  FlushFolderOf(file_);
}

LineLog::~LineLog() { close(descriptor_); }

void LineLog::Complain() const { throw LostLog(fmt::format("{}: {}", file_.string(), failure_)); }

void LineLog::Append(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.empty()) Complain();
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(descriptor_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const std::string reason = DiskReason();
      if (ftruncate(descriptor_, size_) != 0) {
        failure_ = fmt::format("a line is cut and cannot be removed: {}", DiskReason());
        Complain();
      }
      Fail("{}: a line cannot be written: {}", file_.string(), reason);
    }
    written += static_cast<size_t>(count);
  }
  size_ += static_cast<int64_t>(text.size());
}

void LineLog::Flush() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!failure_.empty()) Complain();
  const int64_t wanted = size_;
  while (flushed_ < wanted) {
    if (!failure_.empty()) Complain();
    if (flushing_) {
      flushed_more_.wait(lock);
      continue;
    }
    flushing_ = true;
    const int64_t covered = size_;
    lock.unlock();
    const bool flushed = fdatasync(descriptor_) == 0;  // with the size, which is needed to read it
    const std::string reason = DiskReason();
    lock.lock();
    flushing_ = false;
    ++flushes_;
    if (flushed) {
      flushed_ = covered;
    } else {
      failure_ = fmt::format("cannot be flushed to the disk: {}", reason);
    }
    flushed_more_.notify_all();
  }
}

int64_t LineLog::flushes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return flushes_;
}

}  // namespace netdissect
