#include "base/part_files.h"

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kEnding[] = ".part";
constexpr size_t kSum = 32;

std::string StateChecksum(std::string_view state) {
  Digest digest;
  digest.Add(state);
  return digest.Hex();
}

}  // namespace

PartFiles::PartFiles(Path folder, std::string name, std::string mark, const std::string& key,
                     Observer& observer)
    : folder_(std::move(folder)),
      own_(folder_ / (name + (mark.empty() ? "" : "." + mark) + kEnding)),
      name_(std::move(name)),
      mark_(std::move(mark)),
      title_("netdissect part 1 " + Sha256Hex(key) + "\n"),
      observer_(observer) {}

std::string PartFiles::Read(const Path& file) const {
  std::string bytes = ReadFile(file);
  if (bytes.compare(0, title_.size(), title_) != 0) {
    observer_.Warning(file.string() + ": of other inputs or options: not used");
    return "";
  }
  const size_t head = title_.size() + kSum;
  if (bytes.size() < head ||
      bytes.substr(title_.size(), kSum) != StateChecksum(std::string_view(bytes).substr(head))) {
    observer_.Warning(file.string() + ": damaged: what it held is done again");
    return "";
  }
  return bytes.substr(head);
}

std::string PartFiles::Own() const { return Exists(own_) ? Read(own_) : ""; }

std::vector<Path> PartFiles::Others() const {
  std::vector<Path> files;
  if (!Exists(folder_)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string file = entry.path().filename().string();
    if (entry.path() == own_ || entry.path().extension() != kEnding) continue;
    if (file == name_ + kEnding || file.compare(0, name_.size() + 1, name_ + ".") == 0) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void PartFiles::ForEachOther(
    const std::function<void(const Path& file, std::string_view state)>& take) const {
  for (const Path& file : Others()) {
    const std::string state = Read(file);
    if (!state.empty()) take(file, state);
  }
}

void PartFiles::Keep(std::string_view state) const {
  AtomicFile file(own_);
  file.stream() << title_ << StateChecksum(state) << state;
  file.Commit();
}

void PartFiles::RemoveOthers() const {
  for (const Path& file : Others()) std::filesystem::remove(file);
}

void PartFiles::Remove() const {
  RemoveOthers();
  std::filesystem::remove(own_);
}

void PartFiles::Forget() const {
  if (mark_.empty()) RemoveOthers();
  std::filesystem::remove(own_);
}

}  // namespace netdissect
