#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Whether the name still stands for the open file: its last owner may have removed it meanwhile.
bool IsAt(int descriptor, const Path& file) {
  struct stat open_file {
  }, named{};
  return fstat(descriptor, &open_file) == 0 && stat(file.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

}  // namespace

std::unique_ptr<FileLock> FileLock::Try(const Path& file, std::string_view owner) {
  for (;;) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) Fail("{}: cannot be created: {}", file.string(), std::strerror(errno));
    int status = 0;
    do {
      status = flock(descriptor, LOCK_EX | LOCK_NB);
    } while (status != 0 && errno == EINTR);
    if (status != 0 && errno == EWOULDBLOCK) {
      close(descriptor);
      return nullptr;
    }
    if (!IsAt(descriptor, file)) {
      close(descriptor);
      continue;
    }
    // What is written serves messages alone, so a full disk is no reason to stop here.
    if (ftruncate(descriptor, 0) != 0 ||
        write(descriptor, owner.data(), owner.size()) != static_cast<ssize_t>(owner.size())) {
      errno = 0;
    }
    return std::unique_ptr<FileLock>(new FileLock(file, descriptor));
  }
}

FileLock::~FileLock() {
  unlink(file_.c_str());  // before the lock is freed, so that nobody else's file is removed
  close(descriptor_);
}

}  // namespace netdissect
