#include "netdissect/study/simplify.h"

#include <spdlog/spdlog.h>

#include <iostream>

#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/data/label_match.h"
#include "netdissect/report/simplify_report.h"
#include "netdissect/report/simplify_store.h"

namespace netdissect {
namespace {

constexpr int64_t kPresent = 5;  // images that show an object, for it to be printed
constexpr size_t kObjects = 10;  // printed for each category

struct SimplifyArguments {
  InputOptions input;
  std::string target;
  std::string segments = "auto";
  std::string objects = "instances";
  std::string regions = "graph";
  std::vector<std::string> classes;
  std::string memory = "1GiB";
  int64_t pictures = 100;
  SimplifyOptions simplify;
  bool json = false;
};

// The images of the classes that are asked for, and of these the first `limit`.
std::vector<Dataset> LoadChosen(const SimplifyArguments& options, Context& context) {
  if (options.classes.empty()) return LoadSets(options.input, context);
  InputOptions all = options.input;
  all.limit = 0;
  std::vector<Dataset> sets = LoadSets(all, context);
  for (Dataset& set : sets) {
    set = WithLabels(set, options.classes);
    const auto limit = static_cast<size_t>(options.input.limit);
    if (limit > 0 && set.images.size() > limit) set.images.resize(limit);
  }
  return sets;
}

bool HasLabels(const Dataset& set) {
  return std::any_of(set.images.begin(), set.images.end(),
                     [](const ImageEntry& image) { return image.label >= 0; });
}

SimplifyOptions EffectiveOptions(const SimplifyArguments& options, const Dataset& set,
                                 const Context& context) {
  using O = SimplifyOptions;
  O effective = options.simplify;
  const bool labelled = options.target.empty() ? HasLabels(set) : options.target == "label";
  effective.target = labelled ? O::Target::kLabel : O::Target::kPredicted;
  effective.segments =
      options.segments == "auto" ? O::Segments::kAutomatic : O::Segments::kAnnotated;
  effective.annotated.by_class = options.objects == "classes";
  effective.automatic.regions = options.regions == "graph" ? AutomaticOptions::Regions::kGraph
                                                           : AutomaticOptions::Regions::kSlic;
  effective.minimal.batch = options.input.batch;
  effective.minimal.memory = ParseBytes(options.memory);
  effective.threads = DecodingThreads(context);
  effective.strict = options.input.strict;
  return effective;
}

void SaveTables(const Path& folder, const std::string& name, const Table& table) {
  WriteFile(folder / (name + ".csv"), table.Csv());
  WriteFile(folder / (name + ".tex"), table.Latex());
}

void SimplifySet(const SimplifyArguments& options, const Model& model, const Dataset& set,
                 const Path& folder, const CLI::App& command, Context& context) {
  RequireWritableFolder(folder);
  const SimplifyOptions simplify = EffectiveOptions(options, set, context);
  SimplifyFolder store(RunFiles(folder), model, set, options.pictures, !options.input.force);
  const SimplifyResult result = Simplify(model, set, simplify, store, context.console);
  context.console.EndLine();
  ReportSkipped(context.console, result.skipped);
  Provenance provenance = ProvenanceOf(command, context);
  provenance.Add(model);
  provenance.Add(set);
  const Json json = WithHeader(provenance, ToJson(result, simplify, model, set));
  const std::vector<KeptCategory> categories = CountKeptObjects(
      result.images, [&](const SimplifiedImage& image) { return CategoryOf(image, model, set); });
  const bool annotated = simplify.segments == SimplifyOptions::Segments::kAnnotated;
  const Table fractions = KeptFractionTable(categories, result.images);
  SaveTables(folder, "kept_fraction", fractions);
  if (annotated) SaveTables(folder, "kept_objects", KeptObjectTable(categories, 1, 0));
  WriteJson(folder / "simplify.json", json);
  SaveOptions(folder, command);
  spdlog::info(
      "{}: {} minimal images in {}; {} not classified correctly, {} without a class, "
      "{} without annotation, {} unreadable; {} reused; peak memory {}",
      set.name, result.images.size(), FormatDuration(result.seconds), result.wrong,
      result.without_class, result.without_annotation, result.skipped.size(), result.reused,
      FormatBytes(PeakMemory()));
  if (options.json) {
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << model.name << " on " << set.name << ": " << result.images.size()
            << " minimal images, " << result.wrong << " images not classified correctly\n"
            << fractions.Text();
  if (annotated) {
    std::cout << "\nObjects that minimal images keep, most often kept first (all of them in "
              << (folder / "kept_objects.csv").string() << ")\n"
              << KeptObjectTable(categories, kPresent, kObjects).Text();
  }
}

void RunSimplify(const SimplifyArguments& options, const CLI::App& command, Context& context) {
  const std::vector<Dataset> sets = LoadChosen(options, context);
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    const Model model = LoadOn(context, options.input.networks[i], context.console);
    for (const Dataset& set : sets) {
      Path folder = OutFolder(options.input, i);
      if (sets.size() > 1) folder /= FileNameOf(set.name);
      SimplifySet(options, model, set, folder, command, context);
    }
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
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--most-edges", automatic.most_edges, "Auto: at most so many edges, the longest")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void AddSimplifyCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SimplifyArguments>();
  CLI::App* command = app.add_subcommand(
      "simplify", "Minimal images: the least of each picture that keeps its class (Figure 2)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  command
      ->add_option("--classes", options->classes,
                   "Only images with these labels (names); --limit then counts these")
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("NAME");
  command
      ->add_option("--target", options->target,
                   "The class to keep: the label's, leaving out images that the network gets "
                   "wrong, or the predicted one. Default: label where images have labels")
      ->check(CLI::IsMember({"label", "predicted"}))
      ->type_name("CLASS");
  AddSegmentOptions(*command, *options);
  command
      ->add_option("--pictures", options->pictures,
                   "Draw the first N minimal images: strip, curve and page")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  options->input.batch = options->simplify.minimal.batch;
  AddReadingOptions(*command, options->input);
  command
      ->add_option("--memory", options->memory,
                   "Bound on the first convolution's responses to an image's segments; where they "
                   "do not fit, every candidate runs whole")
      ->check(Parsed([](const std::string& text) { ParseBytes(text); }))
      ->type_name("SIZE")
      ->capture_default_str();
  AddOutOption(*command, options->input);
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunSimplify(*options, *command, context); }; });
}

}  // namespace netdissect
