#include "experiment/emergence.h"

#include <iostream>

#include "base/text.h"
#include "command.h"
#include "report/emergence_report.h"

namespace netdissect {
namespace {

struct EmergenceArguments : EmergenceExperiment {
  std::string aliases_file, measure = NameOf(InformationMeasure::kBestAp);
  bool json = false;
};

void PrintEmergence(const EmergenceRun& run) {
  constexpr size_t kObjects = 20;
  Table objects = EmergenceTable(run.emergence);
  const size_t all = objects.rows.size();
  objects.rows.resize(std::min(all, kObjects));
  std::cout << CorrelationTable(run.emergence).Text() << "\n" << objects.Text();
  if (all > kObjects) std::cout << "and " << all - kObjects << " more in emergence.csv\n";
  std::cout << "\n" << PresenceTable(run.presence).Text();
}

void Run(EmergenceArguments options, const CLI::App& command, Context& context) {
  options.emergence.informativeness.measure = InformationMeasureOf(options.measure);
  options.aliases = options.aliases_file;
  Complete(options, command, context);
  const EmergenceRun run = RunEmergence(options, context.console);
  if (!options.json) PrintEmergence(run);
  for (const Path& result : run.results) {
    if (options.json) PrintFile(result);
  }
}

void AddStatisticsOptions(CLI::App& command, EmergenceArguments& options) {
  command
      .add_option(
          "--measure", options.measure,
          "How well one object tells a category: average precision of its presence, of its\n"
          "area, the better of both (best-ap), or mutual information of its presence")
      ->check(CLI::IsMember(InformationMeasureNames()))
      ->type_name("MEASURE")
      ->capture_default_str();
  command
      .add_option("--min-images", options.emergence.min_images,
                  "Objects on fewer annotated images are left out")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--min-category", options.emergence.informativeness.min_category,
                  "Categories with fewer annotated images are left out")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--resamples", options.emergence.resamples,
                  "Bootstrap samples of units and images, for intervals")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--permutations", options.emergence.permutations,
                  "Random permutations, for p values")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void AddEmergenceCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<EmergenceArguments>();
  CLI::App* command = app.add_subcommand(
      "emergence",
      "Objects that units detect, beside how frequent and how informative they are (Figure 9)");
  options->labels = {"runs/annotate"};
  command
      ->add_option("--labels", options->labels,
                   "Labels: an annotation.json, or a folder of `annotate`; repeatable, of several\n"
                   "networks side by side")
      ->default_str("runs/annotate")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("PATH");
  command
      ->add_option("--network", options->networks,
                   "Network descriptor (JSON) or bundled network that labels are of: draws its\n"
                   "units grouped by object (Figure 9a); repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("DESCRIPTOR");
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  command
      ->add_option("--aliases", options->aliases_file,
                   "JSON file of other names of objects, {\"word\": \"object\"}, for what people "
                   "wrote;\nby default as the image set says")
      ->type_name("FILE");
  AddStatisticsOptions(*command, *options);
  command->add_option("--sheet", options->sheet, "Objects shown in the sheet of units; 0 = none")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--record", options->record,
                   "A recording of --network; by default the one beside its labels")
      ->type_name("PATH");
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
