#include "decoder_remarks.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "data/decoding.h"

namespace netdissect {
namespace {

constexpr int64_t kShown = 5;
std::atomic<int64_t> remarks{0};

#ifdef __GLIBC__
void Remark(const Path& file, const std::string& line) {
  if (++remarks <= kShown) spdlog::warn("{}: its decoder says: {}", file.string(), Trim(line));
}

// A decoder writes on the thread that decodes, a line in pieces.
ssize_t TakeErrorOutput(void*, const char* bytes, size_t count) {
  const Path* file = Decoding::Now();
  if (file == nullptr) {
    for (size_t done = 0; done < count;) {
      const ssize_t written = write(STDERR_FILENO, bytes + done, count - done);
      if (written <= 0) break;  // nobody to tell
      done += static_cast<size_t>(written);
    }
    return static_cast<ssize_t>(count);
  }
  thread_local std::string line;
  for (size_t i = 0; i < count; ++i) {
    if (bytes[i] != '\n') {
      line += bytes[i];
    } else if (!line.empty()) {
      Remark(*file, line);
      line.clear();
    }
  }
  return static_cast<ssize_t>(count);
}
#endif

}  // namespace

void CatchDecoderRemarks() {
#ifdef __GLIBC__
  cookie_io_functions_t functions{};
  functions.write = TakeErrorOutput;
  FILE* stream = fopencookie(nullptr, "w", functions);
  if (stream == nullptr) return;
  setvbuf(stream, nullptr, _IONBF, 0);
  stderr = stream;
#endif
}

void ReportDecoderRemarks() {
  const int64_t all = remarks;
  if (all > kShown) spdlog::warn("{} remarks of decoders in all; others are not shown", all);
}

}  // namespace netdissect
