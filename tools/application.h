#pragma once
// The program's command line: global options and the commands.

#include <memory>
#include <string>
#include <vector>

#include "command.h"

namespace netdissect {

/// What is parsed is kept in `context`, whose `run` does it; it has to live as long.
std::unique_ptr<CLI::App> MakeApplication(Context& context);

/// Parses the words that come after the program's name. Throws CLI11's exceptions.
void ParseWords(CLI::App& app, const std::vector<std::string>& words);

}  // namespace netdissect
