#include "toml.h"

// What is wrong with a file is an exception, not the end of the program, in Debug too.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

[[noreturn]] void Complain(int64_t line, const std::string& what) {
  throw CLI::ConfigError(fmt::format("--config: line {}: {}", line, what),
                         CLI::ExitCodes::ConfigError);
}

// Where the string that begins at `at` ends: behind its last quote, or at the end of the line that
// leaves it open.
size_t EndOfString(const std::string& text, size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool lines = text.compare(at, 3, three) == 0;
  for (size_t i = at + (lines ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (lines && text.compare(i, 3, three) == 0) {
      return std::min(text.find_first_not_of(quote, i), i + 5);  // it may itself end in quotes
    } else if (!lines && (text[i] == quote || text[i] == '\n')) {
      return i + (text[i] == quote ? 1 : 0);
    }
  }
  return text.size();
}

// What toml++ does not survive: letters other than ASCII outside strings, some of which are
// undefined behaviour, and tables inside each other without end.
void RequirePlain(const std::string& text) {
  constexpr int kMostParts = 32;  // of a key, a.b.c
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  int64_t line = 1;
  int parts = 1;
  for (size_t i = text.compare(0, kMark.size(), kMark) == 0 ? kMark.size() : 0; i < text.size();) {
    const char c = text[i];
    size_t end = i + 1;
    if (c == '"' || c == '\'') end = EndOfString(text, i);
    if (c == '#') end = std::min(text.find('\n', i), text.size());
    if (static_cast<unsigned char>(c) > 0x7f) {
      Complain(line, "expected letters other than ASCII in quotes alone");
    }
    if (c == '.' && ++parts > kMostParts) {
      Complain(line, fmt::format("expected keys of at most {} parts", kMostParts));
    }
    if (c == '\n' || c == '=' || c == ',') parts = 1;
    line +=
        std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                   text.begin() + static_cast<std::ptrdiff_t>(std::min(end, text.size())), '\n');
    i = end;
  }
}

std::string TextOf(const std::string& key, const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto flag = value.value_exact<bool>()) return *flag ? "true" : "false";
  if (const auto number = value.value_exact<int64_t>()) return fmt::format("{}", *number);
  if (const auto number = value.value_exact<double>()) return fmt::format("{}", *number);
  Complain(value.source().begin.line,
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
  RequirePlain(text.str());
  std::vector<CLI::ConfigItem> collected;
  try {
    Collect(toml::parse(text.str()), {}, collected);
  } catch (const toml::parse_error& error) {
    Complain(error.source().begin.line, std::string(error.description()));
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
