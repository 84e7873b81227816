#pragma once
// What is read from files of others, a target for each kind: whatever the bytes, reading them
// succeeds or throws an Error. libFuzzer looks for bytes with which it does something else
// (scripts/fuzz.sh); those that it found are kept in tests/corpus, for an ordinary test.

#include <functional>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct FuzzTarget {
  std::string name;
  std::function<void(const std::string& bytes)> read;
  std::function<std::vector<std::string>()> seeds;  // good inputs to begin with
};

/// All of them, by name.
const std::vector<FuzzTarget>& FuzzTargets();

/// Reads an input; an Error is as good as success.
void ReadInput(const FuzzTarget& target, const std::string& bytes);

/// A file with these bytes in a folder of this process, which is gone when it ends.
Path FuzzFile(const std::string& name, const std::string& bytes);

/// As a target's file says it: `const AddTarget added({"npy", ...})`.
class AddTarget {
 public:
  explicit AddTarget(FuzzTarget target);
};

}  // namespace netdissect
