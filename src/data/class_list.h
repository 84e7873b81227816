#pragma once
// Files that name classes, as people have them: a name a line; "7: name", "7 name" or "name 7";
// WordNet's "n02012849 crane"; or a table, with or without a header, one of whose columns is the
// class and another its name (ADE20K's objectInfo150.txt and .csv).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

struct ListedClass {
  std::optional<int64_t> index;  // where the file gives numbers; of all or of none
  std::string name;              // with its synonyms
  int line = 0;
};

/// In the order of the file. What a column holds is taken from the header where there is one
/// ("name", "idx", ...); else the first is the class and the last its name. A number, or an
/// identifier of WordNet, is told from a part of the name by all lines having one, numbers rising
/// by 1 where nothing but a space is between. Error, with the line, where a row of a table has no
/// number where its class should be, or no name.
std::vector<ListedClass> ReadClassList(const Path& path);

}  // namespace netdissect
