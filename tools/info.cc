#include <iostream>

#include "bundled.h"
#include "command.h"
#include "netdissect/nn/summary.h"
#include "netdissect/report/info_report.h"

namespace netdissect {
namespace {

struct InfoOptions {
  InputOptions input;
  bool json = false;
};

void RunInfo(const InfoOptions& options, const CLI::App& command, Context& context) {
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    const Path folder = OutFolder(options.input, i);
    RequireWritableFolder(folder);
    const Model model = LoadModel(NetworkFile(options.input.networks[i]));
    const std::vector<LayerSummary> layers = Summarize(model.network);
    Provenance provenance = ProvenanceOf(command, context);
    provenance.Add(model);
    const Json json = WithHeader(provenance, {{"layers", ToJson(layers)}});
    WriteJson(folder / "info.json", json);
    SaveOptions(folder, command);
    if (options.json) {
      std::cout << json.dump(2) << "\n";
    } else {
      std::cout << model.name << "\n" << ToTable(layers).Text();
    }
  }
}

}  // namespace

void AddInfoCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = app.add_subcommand(
      "info", "Layers, units, feature sizes, theoretical receptive fields, multiply-adds");
  AddNetworkOption(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunInfo(*options, *command, context); }; });
}

}  // namespace netdissect
