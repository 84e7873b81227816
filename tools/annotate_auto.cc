#include <iostream>

#include "annotate.h"
#include "experiment/labels.h"
#include "report/label_report.h"

namespace netdissect {
namespace {

struct LabelArguments : LabelExperiment {
  bool json = false;
};

void Run(LabelArguments options, const CLI::App& command, Context& context) {
  constexpr size_t kShown = 20;
  Complete(options, command, context);
  std::vector<NetworkLabels> networks;
  for (LabelRun& run : RunLabels(options, context.console)) {
    if (options.json) {
      PrintFile(run.result);
      continue;
    }
    std::cout << run.network << ": the units that fit an object best\n"
              << BestUnitTable(run.layers, kShown).Text() << "\n";
    networks.push_back({run.network, std::move(run.layers)});
  }
  if (!options.json) std::cout << LabelCountTable(networks).Text();
}

}  // namespace

void AddAnnotateAutoCommand(CLI::App& annotate, Context& context) {
  auto options = std::make_shared<LabelArguments>();
  CLI::App* command = annotate.add_subcommand(
      "auto",
      "Labels from ground truth: the annotated object that a unit's maps fit best, by "
      "intersection\n"
      "over union at the activation that the unit exceeds at 0.5% of positions");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  command
      ->add_option("--min-iou", options->label.min_iou,
                   "Intersection over union below which a unit has no label")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--min-images", options->label.min_images,
                   "Images that show an object at least; rarer ones are no labels")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--top", options->label.top,
                   "Images of highest activation that a label's precision is taken from")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--sheet", options->sheet, "Best units shown in labels/best_units.png; 0 = none")
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
