#include "experiment/localize.h"

#include <iostream>

#include "base/text.h"
#include "command.h"
#include "report/classify_report.h"

namespace netdissect {
namespace {

struct LocalizeArguments : LocalizeExperiment {
  std::string trust = "precision";
  bool no_pictures = false;
  bool json = false;
};

void Print(const LocatedImage& located, const Model& model, const std::string& image) {
  const bool probabilities = ScoresAreProbabilities(model.network);
  std::cout << image << "\n";
  for (const RankedClass& scene : located.scenes) {
    std::cout << fmt::format("  {}  {}\n", ScoreText(scene.score, probabilities),
                             ClassName(model, scene.index));
  }
  std::vector<std::string> objects;
  for (const LocatedObject& object : located.objects) {
    objects.push_back(fmt::format("{} {:.2f}", object.label, object.confidence));
  }
  std::cout << "  objects: " << (objects.empty() ? "none" : Join(objects)) << "\n";
}

void Run(LocalizeArguments options, const CLI::App& command, Context& context) {
  const bool sets = options.files.empty() || !options.images.empty();
  Complete(options, command, context, sets);
  options.detectors.trust_iou = options.trust == "iou";
  options.pictures = !options.no_pictures;
  if (!options.json) options.found = Print;
  for (const Path& result : RunLocalize(options, context.console)) {
    if (options.json) PrintFile(result);
  }
}

void AddDetectorOptions(CLI::App& command, LocalizeArguments& options) {
  command
      .add_option("--labels", options.detectors.labels,
                  "The units' labels: an annotation.json, or the folder of `annotate`")
      ->type_name("FILE|DIR")
      ->capture_default_str();
  command
      .add_option("--record", options.detectors.record,
                  "Recording of the network that thresholds and largest activations are taken from")
      ->type_name("FILE|DIR")
      ->capture_default_str();
  command
      .add_option("--fields", options.detectors.fields,
                  "Folder of the `rf` run whose receptive fields boxes are grown by; a unit that\n"
                  "was not measured has its layer's mean size")
      ->type_name("DIR")
      ->capture_default_str();
  command
      .add_option("--min-iou", options.detectors.min_iou,
                  "Units whose label fits worse are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("IOU")
      ->capture_default_str();
  command
      .add_option("--min-precision", options.detectors.min_precision,
                  "Units whose label is right less often are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--trust", options.trust,
                  "What confidences are weighted by: precision or iou of the unit's label")
      ->check(CLI::IsMember({"precision", "iou"}))
      ->type_name("WHAT")
      ->capture_default_str();
}

}  // namespace

void AddLocalizeCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<LocalizeArguments>();
  options->pass = options->localize.pass;
  CLI::App* command = app.add_subcommand(
      "localize", "Scene and objects of pictures from one forward pass each (Figure 10)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  AddDetectorOptions(*command, *options);
  command
      ->add_option("--min-confidence", options->localize.min_confidence,
                   "Objects of less confidence are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--overlap", options->localize.overlap,
                   "Of boxes of one label whose intersection over union is larger, one stays")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("IOU")
      ->capture_default_str();
  command->add_option("--top", options->localize.top, "Scenes reported for each picture")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--boxes", options->boxes, "Objects drawn at most; all are in the JSON")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--no-pictures", options->no_pictures, "Draw nothing");
  command->add_flag("--time", options->localize.time,
                    "Run the bare forward pass beside, and say both times");
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  command->add_option("files", options->files, "Pictures")->type_name("FILE");
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
