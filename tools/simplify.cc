#include "experiment/simplify.h"

#include <iostream>

#include "base/text.h"
#include "command.h"
#include "report/simplify_report.h"

namespace netdissect {
namespace {

struct SimplifyArguments : SimplifyExperiment {
  std::string target_word;
  std::string segments = "auto";
  std::string objects = "instances";
  std::string regions = "graph";
  std::string memory = "1GiB";
  bool json = false;
};

// The parsed forms of the options that are words.
void Interpret(SimplifyArguments& options) {
  using O = SimplifyOptions;
  if (!options.target_word.empty()) {
    options.target = options.target_word == "label" ? O::Target::kLabel : O::Target::kPredicted;
  }
  options.simplify.segments =
      options.segments == "auto" ? O::Segments::kAutomatic : O::Segments::kAnnotated;
  options.simplify.annotated.by_class = options.objects == "classes";
  options.simplify.automatic.regions = options.regions == "graph"
                                           ? AutomaticOptions::Regions::kGraph
                                           : AutomaticOptions::Regions::kSlic;
  options.simplify.minimal.memory = ParseBytes(options.memory);
}

// Objects that several images show; of a small run, any.
void PrintObjects(const SimplifyRun& run) {
  constexpr int64_t kPresent = 5;  // images that show an object
  constexpr size_t kObjects = 10;  // for each category
  if (run.categories.empty()) return;
  Table table = KeptObjectTable(run.categories, kPresent, kObjects);
  if (table.rows.empty()) table = KeptObjectTable(run.categories, 1, kObjects);
  std::cout << "\nObjects that minimal images keep, most often kept first (all of them in "
            << RunFiles(run.result.parent_path()).KeptObjects(".csv").string() << ")\n"
            << table.Text();
}

void Run(SimplifyArguments options, const CLI::App& command, Context& context) {
  Complete(options, command, context);
  Interpret(options);
  for (const SimplifyRun& run : RunSimplify(options, context.console)) {
    if (options.json) {
      PrintFile(run.result);
      continue;
    }
    std::cout << run.network << " on " << run.set << ": " << run.summary.images << " minimal "
              << (run.summary.images == 1 ? "image" : "images") << ", " << run.summary.wrong
              << " not classified correctly\n"
              << run.fractions.Text();
    PrintObjects(run);
  }
}

void AddSegmentOptions(CLI::App& command, SimplifyArguments& options) {
  AutomaticOptions& automatic = options.simplify.automatic;
  command
      .add_option("--segments", options.segments,
                  "auto: regions and edges that are found in the picture; annotated: the set's "
                  "annotated objects, and the rest as one segment")
      ->check(CLI::IsMember({"auto", "annotated"}))
      ->type_name("KIND")
      ->capture_default_str();
  command
      .add_option("--objects", options.objects,
                  "Annotated: a segment for each of the objects (instances), or one for all "
                  "objects of a name (classes)")
      ->check(CLI::IsMember({"instances", "classes"}))
      ->type_name("KIND")
      ->capture_default_str();
  command
      .add_option("--regions", options.regions,
                  "Auto: regions by graph-based segmentation, or superpixels (slic)")
      ->check(CLI::IsMember({"graph", "slic"}))
      ->type_name("METHOD")
      ->capture_default_str();
  command.add_option("--most-regions", automatic.most_regions, "Auto: at most so many regions")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--most-edges", automatic.most_edges, "Auto: at most so many edges, the longest")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void AddSimplifyCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SimplifyArguments>();
  CLI::App* command = app.add_subcommand(
      "simplify", "Minimal images: the least of each picture that keeps its class (Figure 2)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  command
      ->add_option("--classes", options->classes,
                   "Only images with these labels (names); --limit then counts these")
      ->expected(-1)
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("NAME");
  command
      ->add_option("--target", options->target_word,
                   "The class to keep: the label's, leaving out images that the network gets "
                   "wrong, or the predicted one. Default: label where images have labels")
      ->check(CLI::IsMember({"label", "predicted"}))
      ->type_name("CLASS");
  AddSegmentOptions(*command, *options);
  command
      ->add_option("--pictures", options->pictures,
                   "Draw the first N minimal images: strip, curve and page")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  options->pass.batch = options->simplify.minimal.batch;
  AddReadingOptions(*command, *options);
  command
      ->add_option("--memory", options->memory,
                   "Bound on the first convolution's responses to an image's segments; where they "
                   "do not fit, every candidate runs whole")
      ->check(Parsed([](const std::string& text) { ParseBytes(text); }))
      ->type_name("SIZE")
      ->capture_default_str();
  AddOutOption(*command, *options);
  AddShardOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
