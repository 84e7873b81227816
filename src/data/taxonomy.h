#pragma once
// Semantic groups of what units detect, and their levels (Section 3.3, Figures 6 to 8). They are
// data, a JSON file: {"name", "source", "groups": [{"name", "level": "low"|"mid"|"high",
// "examples": [...], "code": number of the category in tables that have numbers}]}. The paper's six
// groups are configs/taxonomies/paper.json, those of the published annotation published.json.

#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

/// low, mid and high, in this order.
const std::vector<std::string>& SemanticLevels();

struct SemanticGroup {
  std::string name;
  std::string level;                  // one of SemanticLevels
  std::vector<std::string> examples;  // of concepts, for people who choose
  int code = -1;                      // in tables with numbers; -1 = none
};

struct Taxonomy {
  std::string name;
  std::vector<SemanticGroup> groups;  // lowest level first

  /// The group of this name or with this code, exactly; null where there is none.
  const SemanticGroup* Find(const std::string& group) const;
  const SemanticGroup* FindCode(int code) const;
  /// The same; an error that names the groups where there is none. `where` begins it.
  const SemanticGroup& Get(const std::string& group, const std::string& where) const;
};

/// Error where the file is malformed: no groups, two of one name or code, an unknown level or key.
Taxonomy ReadTaxonomy(const Path& file);

}  // namespace netdissect
