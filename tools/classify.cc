#include "netdissect/study/classify.h"

#include <iostream>

#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/report/classify_report.h"

namespace netdissect {
namespace {

struct ClassifyArguments {
  InputOptions input;
  std::vector<std::string> files;
  int top = 5;
  bool json = false;
};

void PrintPredictions(const ClassifyResult& result, const Model& model, const Dataset& set) {
  for (const Prediction& prediction : result.predictions) {
    std::cout << set.images[static_cast<size_t>(prediction.image)].name << "\n";
    for (const RankedClass& c : prediction.ranked) {
      std::cout << fmt::format("  {:6.2f}%  {}\n", 100 * c.score, ClassName(model, c.index));
    }
  }
}

void RunClassify(const ClassifyArguments& options, const CLI::App& command, Context& context) {
  std::vector<Dataset> sets;
  if (!options.files.empty()) sets.push_back(SetOfFiles(options.files));
  if (options.files.empty() || !options.input.images.empty()) {
    for (Dataset& set : LoadSets(options.input, context)) sets.push_back(std::move(set));
  }
  Table summary;
  summary.header = {"network", "images", "counted", "top-1", "top-5", "left out", "skipped"};
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    const Model model = LoadOn(context, options.input.networks[i], context.console);
    for (const Dataset& set : sets) {
      Path folder = OutFolder(options.input, i);
      if (sets.size() > 1) folder /= FileNameOf(set.name);
      RequireWritableFolder(folder);
      ClassifyOptions classify;
      classify.top = options.top;
      classify.pass = PassOf(options.input, context);
      if (!options.files.empty()) classify.pass.strict = true;
      const ClassifyResult result = Classify(model, set, classify, context.console);
      context.console.EndLine();
      ReportSkipped(context.console, result.skipped);
      Provenance provenance = ProvenanceOf(command, context);
      provenance.Add(model);
      provenance.Add(set);
      const Json json = WithHeader(provenance, ToJson(result, model, set));
      WriteJson(folder / "classify.json", json);
      WriteFile(folder / "predictions.csv", PredictionTable(result, model, set).Csv());
      SaveOptions(folder, command);
      if (options.json) {
        std::cout << json.dump(2) << "\n";
      } else if (!options.files.empty()) {
        PrintPredictions(result, model, set);
      }
      const auto percent = [&](double fraction) {
        return result.counted == 0 ? "-" : fmt::format("{:.2f}%", 100 * fraction);
      };
      summary.rows.push_back({model.name, set.name, fmt::format("{}", result.counted),
                              percent(result.top1), percent(result.top5),
                              fmt::format("{}", result.left_out),
                              fmt::format("{}", result.skipped.size())});
    }
  }
  if (!options.json && options.files.empty()) std::cout << summary.Text();
}

}  // namespace

void AddClassifyCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ClassifyArguments>();
  CLI::App* command =
      app.add_subcommand("classify", "Top-1/top-5 on image sets, or the classes of given images");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_option("--top", options->top, "Classes reported for each image")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command->add_option("files", options->files, "Images to classify")->type_name("FILE");
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunClassify(*options, *command, context); }; });
}

}  // namespace netdissect
