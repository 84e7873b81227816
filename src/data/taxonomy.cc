#include "data/taxonomy.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {

const std::vector<std::string>& SemanticLevels() {
  static const std::vector<std::string> levels = {"low", "mid", "high"};
  return levels;
}

const SemanticGroup* Taxonomy::Find(const std::string& group) const {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const SemanticGroup& each) { return each.name == group; });
  return found == groups.end() ? nullptr : &*found;
}

const SemanticGroup* Taxonomy::FindCode(int code) const {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const SemanticGroup& each) {
    return each.code >= 0 && each.code == code;
  });
  return found == groups.end() ? nullptr : &*found;
}

const SemanticGroup& Taxonomy::Get(const std::string& group, const std::string& where) const {
  if (const SemanticGroup* found = Find(group)) return *found;
  std::vector<std::string> names;
  for (const SemanticGroup& each : groups) names.push_back(each.name);
  Fail("{}: expected a group of taxonomy {} ({}), found \"{}\"", where, name, Join(names), group);
}

Taxonomy ReadTaxonomy(const Path& file) {
  const JsonObject json = JsonObject::Read(file);
  Taxonomy taxonomy;
  taxonomy.name = json.String("name");
  json.String("source", "");
  const std::vector<JsonObject> groups = json.Objects("groups");
  if (groups.empty()) json.Complain("groups", "expected at least one, found none");
  std::set<std::string> names;
  std::set<int> codes;
  for (const JsonObject& object : groups) {
    SemanticGroup group;
    group.name = object.String("name");
    group.level = object.OneOf("level", SemanticLevels());
    if (object.Has("examples")) group.examples = object.Strings("examples");
    group.code = object.Integer("code", -1);
    if (group.name.empty()) object.Complain("name", "expected a name, found none");
    if (!names.insert(group.name).second) {
      object.Complain("name", fmt::format("expected each once, found {} twice", group.name));
    }
    if (group.code >= 0 && !codes.insert(group.code).second) {
      object.Complain("code", fmt::format("expected each once, found {} twice", group.code));
    }
    object.RequireKnownKeys();
    taxonomy.groups.push_back(std::move(group));
  }
  json.RequireKnownKeys();
  return taxonomy;
}

}  // namespace netdissect
