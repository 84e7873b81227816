#include "experiment/segment.h"

#include <iostream>

#include "command.h"

namespace netdissect {
namespace {

struct SegmentArguments : SegmentExperiment {
  std::string method = "upsampling";
  std::vector<std::string> pictures;  // --image
  std::vector<std::string> maps;      // --map
  int unit = -1;                      // of --image
  double largest = 0;                 // of --image
  bool json = false;
};

void RunOnPictures(const SegmentArguments& options, const CLI::App& command, Context& context) {
  SegmentPictureExperiment pictures;
  static_cast<ExperimentOptions&>(pictures) = options;
  pictures.pictures = options.pictures;
  pictures.maps = options.maps;
  pictures.unit = options.unit;
  pictures.largest = options.largest;
  pictures.record = options.recording.folder;
  pictures.record_given = !IsDefault(*command.get_option("--record"));
  pictures.mask = options.mask;
  const SegmentPictureRun run = RunSegmentPictures(pictures, context.console);
  if (options.json) return PrintFile(run.result);
  for (const SegmentedPicture& picture : run.pictures) {
    std::cout << fmt::format("{}: {:.1f}% of the pixels, in {}\n", picture.picture,
                             100 * picture.share, picture.file.string());
  }
}

void Run(SegmentArguments options, const CLI::App& command, Context& context) {
  options.mask.segment.method = options.method == "receptive-field" ? SegmentMethod::kReceptiveField
                                                                    : SegmentMethod::kUpsampling;
  Complete(options, command, context, options.pictures.empty());
  if (!options.pictures.empty()) return RunOnPictures(options, command, context);
  for (const Path& result : RunSegment(options, context.console)) {
    if (options.json) PrintFile(result);
  }
}

// Bad usage where the options of the two forms are mixed.
void CheckForm(const SegmentArguments& options) {
  CheckUnitChoice(options.choice);
  if (options.pictures.empty()) {
    if (options.unit >= 0) {
      throw CLI::ValidationError("--unit", "goes with --image FILE; --units names several units");
    }
    if (!options.maps.empty()) throw CLI::ValidationError("--map", "goes with --image FILE");
    if (options.largest > 0) throw CLI::ValidationError("--largest", "goes with --image FILE");
    return;
  }
  if (options.networks.size() != 1 || options.layers.size() != 1) {
    throw CLI::ValidationError("--image", "expected one --network and one --layer");
  }
  if (options.unit < 0 && options.maps.empty()) {
    throw CLI::ValidationError("--image", "expected a --unit, or a --map");
  }
  if (!options.maps.empty() && options.maps.size() != options.pictures.size()) {
    throw CLI::ValidationError(
        "--map", "expected one for each --image: " + std::to_string(options.pictures.size()) +
                     ", found " + std::to_string(options.maps.size()));
  }
}

void AddSegmentOptions(CLI::App& command, SegmentArguments& options) {
  command
      .add_option("--threshold", options.mask.segment.threshold,
                  "A mask is where the unit exceeds this share of its largest activation")
      ->check(Parsed([](const std::string& text) {
        SegmentOptions segment;
        segment.threshold = std::strtod(text.c_str(), nullptr);
        segment.Validate();
      }))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option(
          "--method", options.method,
          "upsampling: the feature map scaled to the image; receptive-field: what the unit\n"
          "was measured to see, at every position above the threshold")
      ->check(CLI::IsMember({"upsampling", "receptive-field"}))
      ->type_name("METHOD")
      ->capture_default_str();
  command
      .add_option("--fields", options.mask.fields,
                  "Folder of the `rf` run whose receptive fields are painted; a unit that was not\n"
                  "measured gets a square of its layer's mean size")
      ->type_name("DIR")
      ->capture_default_str();
}

void AddPictureOptions(CLI::App& command, SegmentArguments& options) {
  command
      .add_option("--image", options.pictures,
                  "A picture to segment by --unit, instead of the units' top images; repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option("--unit", options.unit, "The unit of --image")
      ->check(NotNegative())
      ->type_name("N");
  command
      .add_option(
          "--map", options.maps,
          "The unit's feature map on --image from another program: rows of numbers (CSV) or\n"
          "a .npy array; the network gives the layer's geometry only; one for each --image")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option("--largest", options.largest,
                  "The unit's largest activation over a data set; where not given, from --record,\n"
                  "and where that has none, the largest on the given pictures")
      ->check(Positive())
      ->type_name("VALUE");
}

}  // namespace

void AddSegmentCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SegmentArguments>();
  CLI::App* command =
      app.add_subcommand("segment", "Images segmented by single units (Figures 4, 5, 9a)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  AddUnitOptions(*command, options->choice);
  command
      ->add_option("--best", options->choice.best,
                   "The N units of highest activation instead, or of the best fit to --labels")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--k", options->recording.k, "Top images a unit")
      ->check(Positive())
      ->type_name("K")
      ->capture_default_str();
  AddSegmentOptions(*command, *options);
  command
      ->add_option(
          "--labels", options->labels,
          "Labels to show beside the units: an annotation.json, or the folder of `annotate`")
      ->type_name("FILE|DIR");
  command->add_option("--per-sheet", options->per_sheet, "Units on a sheet")
      ->check(CLI::Range(1, 100))
      ->type_name("N")
      ->capture_default_str();
  AddRecordOption(*command, options->recording.folder);
  AddPictureOptions(*command, *options);
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    CheckForm(*options);
    context.run = [=, &context] { Run(*options, *command, context); };
  });
}

}  // namespace netdissect
