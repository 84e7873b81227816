#include "experiment/info.h"

#include <iostream>

#include "command.h"

namespace netdissect {

void AddInfoCommand(CLI::App& app, Context& context) {
  struct Arguments : ExperimentOptions {
    bool json = false;
  };
  auto options = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "info", "Layers, units, feature sizes, theoretical receptive fields, multiply-adds");
  AddNetworkOption(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    context.run = [=, &context] {
      Complete(*options, *command, context, false);
      for (const InfoRun& run : RunInfo(*options, context.console)) {
        if (options->json) {
          PrintFile(run.result);
        } else {
          std::cout << run.network << "\n" << run.layers.Text();
        }
      }
    };
  });
}

}  // namespace netdissect
