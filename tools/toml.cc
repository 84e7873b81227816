#include "toml.h"

#include <toml++/toml.h>

#include <sstream>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

[[noreturn]] void Complain(const toml::source_position& where, const std::string& what) {
  throw CLI::ConfigError(fmt::format("--config: line {}: {}", where.line, what),
                         CLI::ExitCodes::ConfigError);
}

std::string TextOf(const std::string& key, const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto flag = value.value_exact<bool>()) return *flag ? "true" : "false";
  if (const auto number = value.value_exact<int64_t>()) return fmt::format("{}", *number);
  if (const auto number = value.value_exact<double>()) return fmt::format("{}", *number);
  Complain(value.source().begin,
           fmt::format("{}: expected a string, a number, true, false or a list of them", key));
}

void Collect(const toml::table& table, const std::vector<std::string>& sections,
             std::vector<CLI::ConfigItem>& items) {
  for (const auto& [name, value] : table) {
    const std::string key(name.str());
    if (const toml::table* section = value.as_table();
        section != nullptr && !section->is_inline()) {
      std::vector<std::string> inner = sections;
      inner.push_back(key);
      Collect(*section, inner, items);
      continue;
    }
    CLI::ConfigItem item;
    item.parents = sections;
    item.name = key;
    if (const toml::array* list = value.as_array()) {
      for (const toml::node& entry : *list) item.inputs.push_back(TextOf(key, entry));
    } else {
      item.inputs.push_back(TextOf(key, value));
    }
    items.push_back(std::move(item));
  }
}

}  // namespace

std::vector<CLI::ConfigItem> TomlReader::from_config(std::istream& input) const {
  std::ostringstream text;
  text << input.rdbuf();
  std::vector<CLI::ConfigItem> collected;
  try {
    Collect(toml::parse(text.str()), {}, collected);
  } catch (const toml::parse_error& error) {
    Complain(error.source().begin, std::string(error.description()));
  }
  return collected;
}

std::vector<std::string> CommandIn(const Path& file) {
  std::istringstream text(ReadFile(file));
  for (const CLI::ConfigItem& item : TomlReader().from_config(text)) {
    if (!item.parents.empty()) return item.parents;
  }
  Fail("{}: expected the section of a command, found none", file.string());
}

}  // namespace netdissect
