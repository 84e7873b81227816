#include "experiment/record.h"

#include <iostream>

#include "command.h"

namespace netdissect {

void AddRecordCommand(CLI::App& app, Context& context) {
  struct Arguments : RecordExperiment {
    bool json = false;
  };
  auto options = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("record", "Top images per layer and per unit, streamed (Figure 1)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  options->pass = RecordOptions().pass;
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  command->add_option("--k", options->k, "Images kept for each unit")
      ->check(Positive())
      ->type_name("K")
      ->capture_default_str();
  command
      ->add_option("--figure", options->figure,
                   "Top images of each layer in figure1.png, networks side by side; 0 = no figure")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->capture_default_str();
  AddShardOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    context.run = [=, &context] {
      Complete(*options, *command, context);
      for (const RecordRun& run : RunRecord(*options, context.console)) {
        if (options->json) {
          PrintFile(run.result);
        } else {
          std::cout << run.network << ": share of each set among the layer's top "
                    << RecordOptions().layer_images << " images\n"
                    << run.preference.Text();
        }
      }
    };
  });
}

}  // namespace netdissect
