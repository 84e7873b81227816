#include "netdissect/base/error.h"
#include "netdissect/base/text.h"
#include "netdissect/probe/incremental.h"
#include "rf.h"

namespace netdissect {
namespace {

// Sets what covers the image from "noise", "mean" or "#RRGGBB".
void ParseFill(const std::string& text, OcclusionOptions& occlusion) {
  if (text == "noise" || text == "mean") {
    occlusion.fill = text == "noise" ? Fill::kNoise : Fill::kMean;
    return;
  }
  if (text.size() != 7 || text[0] != '#' ||
      text.find_first_not_of("0123456789abcdefABCDEF", 1) != std::string::npos) {
    Fail("expected noise, mean or a colour such as #808080, found \"{}\"", text);
  }
  occlusion.fill = Fill::kColor;
  for (size_t i = 0; i < 3; ++i) {
    occlusion.color[i] = std::stoi(text.substr(1 + 2 * i, 2), nullptr, 16);
  }
}

// Sets the parsed forms of the options that are words.
void Interpret(RfOptions& options, const Context& context) {
  options.occlusion.seed = context.seed;
  // A quarter for averaged maps, half for the engine, the rest for the network and what LibTorch
  // keeps.
  const int64_t memory = ParseBytes(options.memory);
  options.field.memory = memory / 4;
  options.incremental.memory = memory / 2;
  options.incremental.threads = context.threads;
  options.field.discrepancy =
      options.discrepancy == "drop" ? Discrepancy::kDrop : Discrepancy::kAbsolute;
  ParseFill(options.fill, options.occlusion);
  options.field.Validate();
}

// Bad usage where the options of the two forms are mixed.
void CheckForm(const RfOptions& options) {
  CheckUnitChoice(options.choice);
  const bool one_unit = options.unit >= 0, one_class = !options.target.empty();
  if (options.picture.empty()) {
    if (one_unit || one_class) {
      throw CLI::ValidationError(one_unit ? "--unit" : "--class",
                                 "goes with --image FILE; --units names the units to measure");
    }
    return;
  }
  if (options.input.networks.size() != 1) {
    throw CLI::ValidationError("--image", "expected one --network");
  }
  const size_t layers = options.input.layers.size();
  if (one_unit == one_class || layers > 1 || (one_unit && layers == 0)) {
    throw CLI::ValidationError("--image", "expected one --layer and a --unit, or a --class");
  }
}

void AddMeasureOptions(CLI::App& command, RfOptions& options) {
  AddUnitOptions(command, options.choice);
  command.add_option("--k", options.field.k, "Top images a unit")
      ->check(CLI::PositiveNumber)
      ->type_name("K")
      ->capture_default_str();
  command.add_option("--patch", options.occlusion.patch, "Side of an occluder, pixels")
      ->check(CLI::PositiveNumber)
      ->type_name("PIXELS")
      ->capture_default_str();
  command.add_option("--stride", options.occlusion.stride, "Step of the occluders' grid, pixels")
      ->check(CLI::PositiveNumber)
      ->type_name("PIXELS")
      ->capture_default_str();
  command.add_option("--fill", options.fill, "What occluders show: noise, mean or #RRGGBB")
      ->check(Parsed([](const std::string& text) {
        OcclusionOptions occlusion;
        ParseFill(text, occlusion);
      }))
      ->type_name("FILL")
      ->capture_default_str();
  command
      .add_option("--discrepancy", options.discrepancy,
                  "absolute: |occluded - original|; drop: max(0, original - occluded)")
      ->check(CLI::IsMember({"absolute", "drop"}))
      ->type_name("KIND")
      ->capture_default_str();
  command
      .add_option("--threshold", options.field.threshold,
                  "A field is where the averaged map exceeds this share of its maximum")
      ->check(Parsed([](const std::string& text) {
        FieldOptions field;
        field.threshold = std::strtod(text.c_str(), nullptr);
        field.Validate();
      }))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--engine", options.engine,
                  "incremental: recomputes only what an occluder can change; full: a forward pass\n"
                  "for each occluder")
      ->check(CLI::IsMember({"incremental", "full"}))
      ->type_name("ENGINE")
      ->capture_default_str();
  command.add_option("--memory", options.memory, "Bound on working memory")
      ->check(Parsed([](const std::string& text) {
        FieldOptions field;
        field.memory = ParseBytes(text);
        field.Validate();
      }))
      ->type_name("SIZE")
      ->capture_default_str();
  AddRecordOption(command, options.recording);
  command
      .add_option("--explain", options.explain, "Draw how this unit's field comes about (Figure 3)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("UNIT");
}

}  // namespace

std::unique_ptr<OcclusionEngine> MakeEngine(const RfOptions& options, const Network& network,
                                            const OccluderSet& occluders) {
  if (options.engine == "full") {
    return MakeReferenceEngine(network, occluders, {options.input.batch, false});
  }
  return MakeIncrementalEngine(network, occluders, options.incremental);
}

void AddRfCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<RfOptions>();
  CLI::App* command =
      app.add_subcommand("rf", "Empirical receptive fields by occlusion (Figures 3, 4, Table 2)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  AddMeasureOptions(*command, *options);
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_flag("--dry-run", options->dry_run,
                    "Only say what would be computed, and about how long it would take");
  command->add_option("--image", options->picture, "One picture: its discrepancy map for --unit")
      ->type_name("FILE");
  command->add_option("--unit", options->unit, "The unit of --image")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command
      ->add_option("--class", options->target,
                   "A class score instead of a unit, by name or number, with --image")
      ->type_name("NAME|N");
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback([=, &context] {
    CheckForm(*options);
    context.run = [=, &context] {
      Interpret(*options, context);
      if (options->picture.empty()) {
        RunRf(*options, *command, context);
      } else {
        RunRfPicture(*options, *command, context);
      }
    };
  });
}

}  // namespace netdissect
