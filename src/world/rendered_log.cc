#include "world/rendered_log.h"

#include <fstream>
#include <sstream>

#include "netdissect/base/error.h"

namespace netdissect {

RenderedLog::RenderedLog(Path file) : file_(std::move(file)) {
  if (!Exists(file_)) return;
  std::istringstream lines(ReadFile(file_));
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');
    if (space != std::string::npos) digests_[line.substr(space + 1)] = line.substr(0, space);
  }
}

std::string RenderedLog::Find(const std::string& name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = digests_.find(name);
  return found == digests_.end() ? "" : found->second;
}

// The line before may have been cut off: each stands between two line ends.
void RenderedLog::Add(const std::string& name, const std::string& digest) {
  const std::lock_guard<std::mutex> lock(mutex_);
  digests_[name] = digest;
  std::filesystem::create_directories(file_.parent_path());
  std::ofstream stream(file_, std::ios::binary | std::ios::app);
  stream << "\n" << digest << " " << name << "\n" << std::flush;
  if (!stream) Fail("{}: cannot be written whole", file_.string());
}

void RenderedLog::Finish(const std::vector<std::string>& names) const {
  std::string text;
  for (const std::string& name : names) text += Find(name) + " " + name + "\n";
  WriteFile(file_, text);
}

}  // namespace netdissect
