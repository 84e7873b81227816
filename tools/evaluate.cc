#include "experiment/evaluate.h"

#include <iostream>

#include "command.h"

namespace netdissect {
namespace {

struct EvaluateArguments : EvaluateExperiment {
  bool json = false;
};

void Run(EvaluateArguments options, const CLI::App& command, Context& context) {
  Complete(options, command, context);
  options.record_given = !IsDefault(*command.get_option("--record"));
  for (const EvaluateRun& run : RunEvaluate(options, context.console)) {
    if (options.json) {
      PrintFile(run.result);
    } else {
      std::cout << run.network << ": objects by the unit that finds them best\n"
                << run.objects.Text();
    }
  }
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand(
      "evaluate", "Units as segmenters of the objects they are named after (Figure 11)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  command
      ->add_option("--labels", options->labels,
                   "The units' labels: an annotation.json, or the folder of `annotate`")
      ->type_name("PATH")
      ->capture_default_str();
  command
      ->add_option("--threshold", options->quality.threshold,
                   "Share of a unit's largest activation above which a pixel is its object")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--levels", options->quality.levels, "Steps of activation that are told apart")
      ->check(CLI::Range(2, 1 << 20))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--examples", options->examples,
                   "Objects shown in evaluate/examples.png, best first; 0 = none")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->capture_default_str();
  AddRecordOption(*command, options->recording.folder);
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  AddShardOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
