#include "experiment/classify.h"

#include <iostream>

#include "command.h"
#include "report/classify_report.h"
#include "report/table.h"

namespace netdissect {
namespace {

struct ClassifyArguments : ClassifyExperiment {
  bool json = false;
};

void PrintPredictions(const ClassifyRun& run) {
  size_t at = 0;  // in the classes' names
  for (const Prediction& prediction : run.classified.predictions) {
    std::cout << run.images[static_cast<size_t>(prediction.image)] << "\n";
    for (const RankedClass& c : prediction.ranked) {
      std::cout << fmt::format("  {}  {}\n", ScoreText(c.score, run.probabilities),
                               run.classes[at++]);
    }
  }
}

Table SummaryOf(const std::vector<ClassifyRun>& runs) {
  Table summary;
  summary.header = {"network", "images", "counted", "top-1", "top-5", "left out", "skipped"};
  for (const ClassifyRun& run : runs) {
    const ClassifyResult& result = run.classified;
    const auto percent = [&](double fraction) {
      return result.counted == 0 ? "-" : fmt::format("{:.2f}%", 100 * fraction);
    };
    summary.rows.push_back({run.network, run.set, fmt::format("{}", result.counted),
                            percent(result.top1), percent(result.top5),
                            fmt::format("{}", result.left_out),
                            fmt::format("{}", result.skipped.size())});
  }
  return summary;
}

void Run(ClassifyArguments options, const CLI::App& command, Context& context) {
  // Without files the bundled images are taken, beside files only sets that are named.
  const bool sets = options.files.empty() || !options.images.empty();
  Complete(options, command, context, sets);
  const std::vector<ClassifyRun> runs = RunClassify(options, context.console);
  for (const ClassifyRun& run : runs) {
    if (options.json) {
      PrintFile(run.result);
    } else if (!run.images.empty()) {
      PrintPredictions(run);
    }
  }
  if (!options.json && options.files.empty()) std::cout << SummaryOf(runs).Text();
}

}  // namespace

void AddClassifyCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ClassifyArguments>();
  CLI::App* command =
      app.add_subcommand("classify", "Top-1/top-5 on image sets, or the classes of given images");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  command->add_option("--top", options->top, "Classes reported for each image")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command->add_option("files", options->files, "Images to classify")->type_name("FILE");
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
