#pragma once
// What processes keep of one job while it goes on, so that it is not lost with them: files
// FOLDER/NAME.part, or NAME.MARK.part of a process that does a part of it (base/crew.h). A file
// bears a key, by which it is known what job it is of, and a checksum: what is of another job,
// damaged or half-written is not there.

#include <functional>
#include <string>
#include <string_view>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"

namespace netdissect {

class PartFiles {
 public:
  /// `key` says what the job is of: all that its outcome depends on.
  PartFiles(Path folder, std::string name, std::string mark, const std::string& key,
            Observer& observer);

  /// What this process, or an earlier one of its mark, has kept; else "".
  std::string Own() const;
  /// Calls `take` with what each of the others has kept, in the order of their names.
  void ForEachOther(
      const std::function<void(const Path& file, std::string_view state)>& take) const;

  /// Replaces what this process has kept: at once, or not at all.
  void Keep(std::string_view state) const;

  /// Removes the others' files; all files; those that this process would find.
  void RemoveOthers() const;
  void Remove() const;
  void Forget() const;

 private:
  std::string Read(const Path& file) const;
  std::vector<Path> Others() const;

  Path folder_, own_;
  std::string name_, mark_, title_;
  Observer& observer_;
};

}  // namespace netdissect
