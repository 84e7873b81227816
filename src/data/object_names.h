#pragma once
// One object, one name: annotators write "Trees", "tree " and "tree_" of the same thing.

#include <map>
#include <string>
#include <string_view>

#include "netdissect/base/file.h"

namespace netdissect {

/// Normalises names of objects: lower case, '_' as a space, single spaces, the first of synonyms
/// that commas separate ("person, individual"), without LabelMe's marks "crop" and "occluded" at
/// the end; then plurals and aliases by a table. That table is configs/object_names.json, which is
/// compiled in.
class ObjectNames {
 public:
  ObjectNames();

  /// The same with the pairs `{"alias": "name", ...}` of a JSON file, which go before the built-in
  /// ones ({"picture": "picture"} keeps pictures apart from paintings). Error where it is none.
  explicit ObjectNames(const Path& aliases);

  std::string Normalize(std::string_view name) const;

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace netdissect
