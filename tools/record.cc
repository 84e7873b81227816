#include <spdlog/spdlog.h>

#include <iostream>

#include "command.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/report/record_report.h"

namespace netdissect {
namespace {

struct RecordArguments {
  InputOptions input;
  int k = 100;
  bool json = false;
};

void RunRecord(const RecordArguments& options, const CLI::App& command, Context& context) {
  const std::vector<Dataset> sets = LoadSets(options.input, context);
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    const Path folder = OutFolder(options.input, i);
    RequireWritableFolder(folder);
    const Model model = LoadOn(context, options.input.networks[i], context.console);
    const std::vector<std::string> layers =
        options.input.layers.empty() ? DefaultRecordLayers(model.network) : options.input.layers;
    const Provenance provenance = ProvenanceOf(command, context, model, sets);
    std::optional<RecordResult> record;
    if (!options.input.force) {
      record = ReadMatchingRecord(folder / "record.json", provenance, sets, layers, options.k);
    }
    if (record) {
      spdlog::info("{}: of the same network and images, reused", (folder / "record.json").string());
    } else {
      RecordOptions recording;
      recording.k = options.k;
      recording.pass = PassOf(options.input, context);
      record = Record(model, sets, layers, recording, context.console);
      context.console.EndLine();
      ReportSkipped(context.console, record->skipped);
      WriteFile(folder / "record.json",
                [&](std::ostream& out) { WriteRecord(out, provenance, *record); });
      SaveOptions(folder, command);
      spdlog::info("{} images in {} ({:.1f}/s), peak memory {}", record->recorded,
                   FormatDuration(record->seconds),
                   static_cast<double>(record->recorded) / record->seconds,
                   FormatBytes(PeakMemory()));
    }
    if (options.json) {
      WriteRecord(std::cout, provenance, *record);
    } else {
      std::cout << model.name << ": share of each set among the layer's top "
                << RecordOptions().layer_images << " images\n"
                << PreferenceTable(*record).Text();
    }
  }
}

}  // namespace

void AddRecordCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<RecordArguments>();
  CLI::App* command =
      app.add_subcommand("record", "Top images per layer and per unit, streamed (Figure 1)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  options->input.batch = RecordOptions().pass.batch;
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_option("--k", options->k, "Images kept for each unit")
      ->check(CLI::PositiveNumber)
      ->type_name("K")
      ->capture_default_str();
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunRecord(*options, *command, context); }; });
}

}  // namespace netdissect
