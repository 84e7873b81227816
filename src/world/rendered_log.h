#pragma once
// What was rendered, in a file beside it: a line "DIGEST NAME" for each image, from the moment that
// its files are there. So a run that goes on takes no file for done that was cut off or damaged.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

class RenderedLog {
 public:
  /// Reads what an earlier run has left; lines that are none are nothing.
  explicit RenderedLog(Path file);

  /// The digest of an image; empty where there is none.
  std::string Find(const std::string& name) const;

  /// Appends a line at once. From any thread.
  void Add(const std::string& name, const std::string& digest);

  /// Writes the file anew, with these images alone and in their order.
  void Finish(const std::vector<std::string>& names) const;

 private:
  const Path file_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> digests_;  // by name
};

}  // namespace netdissect
