#include "experiment/annotate_export.h"

#include <iostream>

#include "annotate.h"
#include "bundled.h"

namespace netdissect {
namespace {

struct ExportArguments : TaskExperiment {
  std::string taxonomy_name = "paper";
  bool json = false;
};

void Run(ExportArguments options, const CLI::App& command, Context& context) {
  options.taxonomy = TaxonomyFile(options.taxonomy_name);
  Complete(options, command, context);
  for (const TaskRun& run : RunAnnotateExport(options, context.console)) {
    if (options.json) {
      PrintFile(run.result);
    } else {
      std::cout << run.network << ": " << run.units << " units, to be named in\n"
                << run.page.string() << "\n";
    }
  }
}

}  // namespace

void AddAnnotateExportCommand(CLI::App& annotate, Context& context) {
  auto options = std::make_shared<ExportArguments>();
  CLI::App* command = annotate.add_subcommand(
      "export",
      "A page on which people name units (Figure 6), in a folder that works from a disk:\n"
      "give page/ to annotators and keep export.json, which tells the planted negatives");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  AddUnitOptions(*command, options->choice);
  command
      ->add_option("--shown", options->shown,
                   "Segmented images of each unit, planted negatives among them")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--negatives", options->negatives,
                   "Planted images of each unit on which it is far from firing")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--threshold", options->threshold,
                   "A pixel is shown where the unit's map is above this share of its largest\n"
                   "activation on the image; of a negative as many pixels as of another image")
      ->check(CLI::Range(0.01, 0.99))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--taxonomy", options->taxonomy_name,
                   "Groups to choose from: paper, published, or a JSON file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command
      ->add_option("--answers", options->answers,
                   "Earlier answers (JSON lines), whose concepts are suggested first")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command
      ->add_option("--page-url", options->page_url,
                   "Where hits.csv, for crowd platforms, says that the page is")
      ->type_name("URL")
      ->capture_default_str();
  AddRecordOption(*command, options->recording.folder);
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    CheckUnitChoice(options->choice);
    context.run = [=, &context] { Run(*options, *command, context); };
  });
}

}  // namespace netdissect
