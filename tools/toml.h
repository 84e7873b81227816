#pragma once
// Reads the TOML of --config through toml++. CLI11's own reader takes a `#` or a comma inside a
// string for the end of the value, and both occur in paths, colours and lists of units.

#include <CLI/CLI.hpp>
#include <istream>
#include <string>
#include <vector>

#include "netdissect/base/file.h"

namespace netdissect {

/// Sections (`[command]`), and keys whose values are strings, numbers, booleans or arrays of them;
/// other values are an error that names the key and its line.
class TomlReader : public CLI::ConfigTOML {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
};

/// The words of the command that saved options are of: its section. Error where there is none.
std::vector<std::string> CommandIn(const Path& file);

}  // namespace netdissect
