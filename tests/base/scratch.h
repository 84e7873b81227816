#pragma once
// A folder of a test's own, gone after it.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

#include "netdissect/base/error.h"
#include "netdissect/base/file.h"

namespace netdissect {

class ScratchFolder {
 public:
  ScratchFolder() {
    static int counter = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("netdissect-test-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const Path& path() const { return path_; }

  /// Writes the file and returns where it is.
  Path File(const std::string& name, std::string_view bytes) const {
    WriteFile(path_ / name, bytes);
    return path_ / name;
  }

  size_t CountFiles() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

 private:
  Path path_;
};

/// The message of the Error that `action` throws, or "" with a failure where it throws none.
inline std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an Error, found none";
  return "";
}

/// Whether `text` has all of `parts`; says which are missing.
inline testing::AssertionResult HasAll(const std::string& text,
                                       const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos) {
      return testing::AssertionFailure() << "no \"" << part << "\" in \"" << text << "\"";
    }
  }
  return testing::AssertionSuccess();
}

}  // namespace netdissect
