#include "data/content_digest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "base/digest.h"
#include "base/parallel.h"
#include "base/random.h"

namespace netdissect {
namespace {

constexpr int64_t kWhole = 64 << 10;  // bytes up to which a file is read whole
constexpr int64_t kBlock = 4 << 10;
constexpr int kBlocks = 16;  // of a larger file

class OpenFile {
 public:
  // A FIFO is not waited for: it is no regular file.
  explicit OpenFile(const Path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // What the system knows of a regular file.
  std::optional<struct stat> State() const {
    struct stat state {};
    if (descriptor_ < 0 || fstat(descriptor_, &state) != 0 || !S_ISREG(state.st_mode)) {
      return std::nullopt;
    }
    return state;
  }

  // Adds up to `count` bytes from `position` on; false where they cannot be read.
  bool AddTo(Digest& digest, int64_t position, int64_t count) const {
    static thread_local std::vector<char> buffer(static_cast<size_t>(kWhole));
    while (count > 0) {
      const auto wanted = static_cast<size_t>(std::min(count, kWhole));
      const ssize_t got = pread(descriptor_, buffer.data(), wanted, position);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;  // it has become shorter
      digest.Add(buffer.data(), static_cast<size_t>(got));
      position += got;
      count -= got;
    }
    return true;
  }

 private:
  int descriptor_;
};

// A file as long as nothing has been written to it: device, number, size, times.
using FileState = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t, ContentBytes>;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileState StateOf(const struct stat& state, ContentBytes bytes) {
  return {state.st_dev,
          state.st_ino,
          state.st_size,
          Nanoseconds(state.st_mtim),
          Nanoseconds(state.st_ctim),
          bytes};
}

// Files that this process has read already: a set is looked at for every network and result.
class Known {
 public:
  std::optional<std::string> Find(const FileState& state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = digests_.find(state);
    if (found == digests_.end()) return std::nullopt;
    return found->second;
  }

  void Add(const FileState& state, const std::string& digest) {
    // Clocks of file systems are coarse: what has just been written may be written once more
    // without its times telling.
    constexpr int64_t kSettled = 2'000'000'000;
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const int64_t written = std::max(std::get<3>(state), std::get<4>(state));
    if (Nanoseconds(now) - written < kSettled) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    digests_.emplace(state, digest);
  }

 private:
  std::mutex mutex_;
  std::map<FileState, std::string> digests_;
};

std::string ContentDigest(const Path& path, ContentBytes bytes) {
  static Known known;
  const std::string unreadable = "none";
  const OpenFile file(path);
  const std::optional<struct stat> status = file.State();
  if (!status) return unreadable;
  const FileState state = StateOf(*status, bytes);
  if (auto digest = known.Find(state)) return *digest;
  const int64_t size = status->st_size;
  Digest digest;
  digest.Add(&size, sizeof size);
  bool good = true;
  if (bytes == ContentBytes::kAll || size <= kWhole) {
    good = file.AddTo(digest, 0, size);
  } else {
    Random place(static_cast<uint64_t>(size));
    for (int block = 0; block < kBlocks; ++block) {
      const int64_t last = size - kBlock;
      const int64_t at = block == 0 ? 0
                         : block == 1
                             ? last
                             : static_cast<int64_t>(place.Below(static_cast<uint64_t>(last)));
      good = good && file.AddTo(digest, at, kBlock);
    }
  }
  if (!good) return unreadable;
  std::string hex = digest.Hex();
  known.Add(state, hex);
  return hex;
}

}  // namespace

std::vector<std::string> ContentDigests(const std::vector<Path>& files, ContentBytes bytes,
                                        const std::string& what, Observer& observer) {
  constexpr int64_t kSlice = 512;  // files between two words to the observer
  const auto count = static_cast<int64_t>(files.size());
  std::vector<std::string> digests(files.size());
  for (int64_t from = 0; from < count; from += kSlice) {
    const int64_t to = std::min(from + kSlice, count);
    ParallelFor(from, to, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        digests[static_cast<size_t>(i)] = ContentDigest(files[static_cast<size_t>(i)], bytes);
      }
    });
    observer.Progress(what, to, count);
  }
  return digests;
}

}  // namespace netdissect
