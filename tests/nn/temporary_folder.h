#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "netdissect/base/file.h"

namespace netdissect {

/// Without waiting for the disk.
inline void WriteQuickly(const Path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int counter = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("netdissect-nn-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  Path operator/(const std::string& name) const { return path_ / name; }

 private:
  Path path_;
};

}  // namespace netdissect
