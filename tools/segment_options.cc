#include <memory>

#include "segment.h"

namespace netdissect {
namespace {

// Bad usage where the options of the two forms are mixed.
void CheckForm(const SegmentCommand& options) {
  CheckUnitChoice(options.choice);
  if (options.pictures.empty()) {
    if (options.unit >= 0) {
      throw CLI::ValidationError("--unit", "goes with --image FILE; --units names several units");
    }
    if (!options.maps.empty()) throw CLI::ValidationError("--map", "goes with --image FILE");
    if (options.largest > 0) throw CLI::ValidationError("--largest", "goes with --image FILE");
    return;
  }
  if (options.input.networks.size() != 1 || options.input.layers.size() != 1) {
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

void AddSegmentOptions(CLI::App& command, SegmentCommand& options) {
  command
      .add_option("--threshold", options.segment.threshold,
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
      .add_option("--fields", options.fields,
                  "Folder of the `rf` run whose receptive fields are painted; a unit that was not\n"
                  "measured gets a square of its layer's mean size")
      ->type_name("DIR")
      ->capture_default_str();
}

void AddPictureOptions(CLI::App& command, SegmentCommand& options) {
  command
      .add_option("--image", options.pictures,
                  "A picture to segment by --unit, instead of the units' top images; repeatable")
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option("--unit", options.unit, "The unit of --image")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command
      .add_option(
          "--map", options.maps,
          "The unit's feature map on --image from another program: rows of numbers (CSV) or\n"
          "a .npy array; the network gives the layer's geometry only; one for each --image")
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option("--largest", options.largest,
                  "The unit's largest activation over a data set; where not given, from --record,\n"
                  "and where that has none, the largest on the given pictures")
      ->check(CLI::PositiveNumber)
      ->type_name("VALUE");
}

}  // namespace

void AddSegmentCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SegmentCommand>();
  options->recording.k = 8;
  CLI::App* command =
      app.add_subcommand("segment", "Images segmented by single units (Figures 4, 5, 9a)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  AddUnitOptions(*command, options->choice);
  command
      ->add_option("--best", options->choice.best,
                   "The N units of highest activation instead, or of the best fit to --labels")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--k", options->recording.k, "Top images a unit")
      ->check(CLI::PositiveNumber)
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
  AddRecordOption(*command, options->recording);
  AddPictureOptions(*command, *options);
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback([=, &context] {
    CheckForm(*options);
    context.run = [=, &context] {
      options->segment.method = options->method == "receptive-field"
                                    ? SegmentMethod::kReceptiveField
                                    : SegmentMethod::kUpsampling;
      if (options->pictures.empty()) {
        RunSegment(*options, *command, context);
      } else {
        RunSegmentPictures(*options, *command, context);
      }
    };
  });
}

}  // namespace netdissect
