#pragma once
// File names for things whose own names may hold anything: layers ("fire9/concat"), images
// ("a/b.jpg"), networks. Readable, and different for different things.

#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct NamingOptions {
  std::vector<std::string> endings = {""};  // what is put behind a name; no two files may be one
  std::vector<std::string> reserved;        // names of other things in the same folder
};

/// A function of the list alone: each name is FileNameOf it, shortened where a file system would
/// refuse it, and numbered ("-2") where another has that name already. The plain name goes to the
/// one that is literally so, else to the first.
class UniqueNames {
 public:
  explicit UniqueNames(std::vector<std::string> names, const NamingOptions& options = {});

  size_t size() const { return files_.size(); }

  /// The file name for the list's name `index`.
  const std::string& operator[](size_t index) const { return files_[index]; }

  /// The file name for the first in the list that is called `name`; Error where none is.
  const std::string& Of(const std::string& name) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> files_;
};

}  // namespace netdissect
