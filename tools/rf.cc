#include "experiment/rf.h"

#include <iostream>

#include "base/text.h"
#include "command.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

struct RfOptions : RfExperiment {
  std::string method_name = "occlusion";
  std::string inputs = "top";
  std::string fill = "noise";
  std::string discrepancy = "absolute";
  std::string engine_name = "incremental";
  std::string memory_text = "2GiB";
  bool dry_run = false;
  bool sensitivity = false;
  bool json = false;
};

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

OcclusionBy EngineNamed(const std::string& word) {
  if (word == "full") return OcclusionBy::kFull;
  return word == "operators" ? OcclusionBy::kOperators : OcclusionBy::kIncremental;
}

// The parsed forms of the options that are words.
void Interpret(RfOptions& options, const Context& context) {
  options.method =
      options.method_name == "gradient" ? FieldMethod::kGradient : FieldMethod::kOcclusion;
  options.noise = options.inputs == "noise";
  options.memory = ParseBytes(options.memory_text);
  options.incremental.threads = context.threads;
  options.engine = EngineNamed(options.engine_name);
  options.field.discrepancy =
      options.discrepancy == "drop" ? Discrepancy::kDrop : Discrepancy::kAbsolute;
  ParseFill(options.fill, options.occlusion);
}

// Bad usage where an option is given that the way of measuring has no use for. Saved options have
// all, with their defaults.
void CheckMethod(const RfOptions& options, const CLI::App& command) {
  const auto refuse = [&](const std::vector<std::string>& names, const std::string& why) {
    for (const std::string& name : names) {
      if (!IsDefault(*command.get_option(name))) throw CLI::ValidationError(name, why);
    }
  };
  const bool gradient = options.method_name == "gradient";
  if (gradient) {
    refuse({"--patch", "--stride", "--fill", "--discrepancy", "--engine"},
           "is of occluders, of which --method gradient has none");
  }
  if (options.inputs != "noise") return;
  if (!gradient) throw CLI::ValidationError("--inputs", "noise goes with --method gradient");
  refuse({"--image", "--images", "--limit", "--record"},
         "is of pictures, of which --inputs noise has none");
}

// Bad usage where the options of the two forms are mixed.
void CheckForm(const RfOptions& options, const CLI::App& command) {
  CheckMethod(options, command);
  CheckUnitChoice(options.choice);
  const bool one_unit = options.unit >= 0, one_class = !options.target.empty();
  if (options.picture.empty()) {
    if (one_unit || one_class) {
      throw CLI::ValidationError(one_unit ? "--unit" : "--class",
                                 "goes with --image FILE; --units names the units to measure");
    }
    return;
  }
  if (options.networks.size() != 1) {
    throw CLI::ValidationError("--image", "expected one --network");
  }
  const size_t layers = options.layers.size();
  if (one_unit == one_class || layers > 1 || (one_unit && layers == 0)) {
    throw CLI::ValidationError("--image", "expected one --layer and a --unit, or a --class");
  }
}

void AddMeasureOptions(CLI::App& command, RfOptions& options) {
  command
      .add_option("--method", options.method_name,
                  "occlusion: what occluders change; gradient: the mean absolute gradient with\n"
                  "respect to the input (Luo et al. 2016)")
      ->check(CLI::IsMember({"occlusion", "gradient"}))
      ->type_name("METHOD")
      ->capture_default_str();
  command
      .add_option("--inputs", options.inputs,
                  "top: each unit's top images; noise: with --method gradient, --k images of noise")
      ->check(CLI::IsMember({"top", "noise"}))
      ->type_name("INPUTS")
      ->capture_default_str();
  AddUnitOptions(command, options.choice);
  command.add_option("--k", options.field.k, "Top images a unit")
      ->check(Positive())
      ->type_name("K")
      ->capture_default_str();
  command.add_option("--patch", options.occlusion.patch, "Side of an occluder, pixels")
      ->check(Positive())
      ->type_name("PIXELS")
      ->capture_default_str();
  command.add_option("--stride", options.occlusion.stride, "Step of the occluders' grid, pixels")
      ->check(Positive())
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
      .add_option(
          "--engine", options.engine_name,
          "incremental: recomputes only what an occluder can change, by kernels on a CPU and\n"
          "by LibTorch's operations on other devices; operators: by these on any device;\n"
          "full: a forward pass for each occluder")
      ->check(CLI::IsMember({"incremental", "operators", "full"}))
      ->type_name("ENGINE")
      ->capture_default_str();
  command
      .add_option("--memory", options.memory_text,
                  "Bound on working memory; half of it is the engine's, on whichever device")
      ->check(Parsed([](const std::string& text) {
        RfExperiment rf;
        rf.memory = ParseBytes(text);
        rf.Validate();
      }))
      ->type_name("SIZE")
      ->capture_default_str();
  AddRecordOption(command, options.recording.folder);
  command
      .add_option("--explain", options.explain, "Draw how this unit's field comes about (Figure 3)")
      ->check(NotNegative())
      ->type_name("UNIT");
  command.add_flag(
      "--pipelines", options.pipelines,
      "Draw how every unit's field comes about, small: rf/LAYER/unit_NNNN_pipeline.jpg");
}

void PrintPicture(const RfPictureRun& run, FieldMethod method) {
  std::cout << fmt::format("{} at ({}, {}): value {:.5g}, largest {} {:.5g}; map in {}\n", run.what,
                           run.position.y, run.position.x, run.value,
                           method == FieldMethod::kGradient ? "gradient" : "discrepancy",
                           run.largest, run.map.string());
}

void Run(RfOptions options, const CLI::App& command, Context& context) {
  Interpret(options, context);
  Complete(options, command, context, options.picture.empty() && !options.noise);
  if (!options.picture.empty()) {
    const RfPictureRun run = RunRfPicture(options, context.console);
    options.json ? PrintFile(run.result) : PrintPicture(run, options.method);
  } else if (options.dry_run) {
    for (const Table& table : PlanRf(options, context.console)) std::cout << table.Text();
  } else {
    const RfRun run = RunRf(options, context.console);
    if (!options.json) std::cout << run.sizes.Text();
    if (!options.json && options.sensitivity) std::cout << '\n' << run.sensitivity.Text();
    for (const Path& result : run.results) {
      if (options.json) PrintFile(result);
    }
  }
}

}  // namespace

void AddRfCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<RfOptions>();
  CLI::App* command = app.add_subcommand(
      "rf", "Empirical receptive fields by occlusion (Figures 3, 4, Table 2) or gradient");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddLayerOption(*command, *options);
  AddMeasureOptions(*command, *options);
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  command->add_flag("--dry-run", options->dry_run,
                    "Only say what would be computed, and about how long it would take");
  command->add_flag("--sensitivity", options->sensitivity,
                    "Also print mean sizes at other thresholds and numbers of top images");
  command->add_option("--image", options->picture, "One picture: its map for --unit")
      ->type_name("FILE");
  command->add_option("--unit", options->unit, "The unit of --image")
      ->check(NotNegative())
      ->type_name("N");
  command
      ->add_option("--class", options->target,
                   "A class score instead of a unit, by name or number, with --image")
      ->type_name("NAME|N");
  AddShardOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    CheckForm(*options, *command);
    context.run = [=, &context] { Run(*options, *command, context); };
  });
}

}  // namespace netdissect
