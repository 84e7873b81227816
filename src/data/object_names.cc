#include "data/object_names.h"

#include <cctype>

#include "base/json.h"
#include "data/object_names_json.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Lower case, '_' as a space, single spaces.
std::string Plain(std::string_view name) {
  std::string plain;
  bool gap = false;
  for (const char c : name) {
    if (c == '_' || std::isspace(static_cast<unsigned char>(c)) != 0) {
      gap = !plain.empty();
      continue;
    }
    if (gap) plain += ' ';
    gap = false;
    plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

void DropEnding(std::string& name, std::string_view ending) {
  if (name.size() > ending.size() &&
      name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
    name.resize(name.size() - ending.size());
  }
}

std::map<std::string, std::string> BuiltIn() {
  std::map<std::string, std::string> names;
  const Json json = Json::parse(kObjectNamesJson);  // outlives its items
  for (const auto& [alias, name] : json.items()) {
    names[alias] = name.get<std::string>();
  }
  return names;
}

}  // namespace

ObjectNames::ObjectNames() {
  static const std::map<std::string, std::string> kBuiltIn = BuiltIn();
  names_ = kBuiltIn;
}

ObjectNames::ObjectNames(const Path& aliases) : ObjectNames() {
  const Json json = ReadJson(aliases);
  if (!json.is_object()) {
    Fail("{}: expected an object of aliases and names, found {}", aliases.string(),
         json.type_name());
  }
  for (const auto& [alias, name] : json.items()) {
    if (!name.is_string() || Plain(name.get<std::string>()).empty()) {
      Fail("{}: key \"{}\": expected the name that it stands for, found {}", aliases.string(),
           alias, name.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    names_[Plain(alias)] = Plain(name.get<std::string>());
  }
}

std::string ObjectNames::Normalize(std::string_view name) const {
  std::string plain = Plain(name.substr(0, name.find(',')));
  DropEnding(plain, " crop");
  DropEnding(plain, " occluded");
  const auto found = names_.find(plain);
  return found == names_.end() ? plain : found->second;
}

}  // namespace netdissect
