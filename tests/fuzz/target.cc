#include "fuzz/target.h"

#include <algorithm>
#include <fstream>

#include "base/scratch.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

std::vector<FuzzTarget>& Added() {
  static std::vector<FuzzTarget> targets;
  return targets;
}

}  // namespace

const std::vector<FuzzTarget>& FuzzTargets() {
  std::vector<FuzzTarget>& targets = Added();
  std::sort(targets.begin(), targets.end(),
            [](const FuzzTarget& a, const FuzzTarget& b) { return a.name < b.name; });
  return targets;
}

AddTarget::AddTarget(FuzzTarget target) { Added().push_back(std::move(target)); }

void ReadInput(const FuzzTarget& target, const std::string& bytes) {
  try {
    target.read(bytes);
  } catch (const Error&) {
  }
}

Path FuzzFile(const std::string& name, const std::string& bytes) {
  static const ScratchFolder folder;
  const Path path = folder.path() / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;  // not flushed to the disk: that takes long
  return path;
}

}  // namespace netdissect
