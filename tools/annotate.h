#pragma once
// The forms of `annotate`, one file each.

#include "command.h"

namespace netdissect {

/// annotate auto: labels from ground truth.
void AddAnnotateAutoCommand(CLI::App& annotate, Context& context);
/// annotate serve: the page of a task for people who annotate at the same time.
void AddAnnotateServeCommand(CLI::App& annotate, Context& context);

/// annotate export: the page on which people name units.
void AddAnnotateExportCommand(CLI::App& annotate, Context& context);

/// annotate import: labels from people's answers or from published tables.
void AddAnnotateImportCommand(CLI::App& annotate, Context& context);

}  // namespace netdissect
