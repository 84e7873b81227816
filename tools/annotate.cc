#include "annotate.h"

namespace netdissect {

void AddAnnotateCommand(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("annotate", "What units detect: labels for them (Figure 6)");
  command->require_subcommand(1);
  AddAnnotateExportCommand(*command, context);
  AddAnnotateAutoCommand(*command, context);
  AddAnnotateServeCommand(*command, context);
  AddAnnotateImportCommand(*command, context);
}

}  // namespace netdissect
