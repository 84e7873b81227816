#include "experiment/report.h"

#include <iostream>

#include "base/text.h"
#include "command.h"

namespace netdissect {
namespace {

struct ReportArguments : ReportExperiment {
  std::string folder_text = "runs/reproduce", out_text;
};

void Run(ReportArguments options, Context& context) {
  options.folder = options.folder_text;
  options.out = options.out_text;
  const ReportRun run = RunReport(options, context.console);
  std::cout << fmt::format("{}: {} results, {} units, {}\n", run.page.string(), run.results,
                           run.units, FormatBytes(run.bytes));
}

}  // namespace

void AddReportCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report", "One page, for people, of all that is in a run folder, in the order of the paper");
  command
      ->add_option("FOLDER", options->folder_text,
                   "Results, at any depth: of `reproduce`, or yours")
      ->capture_default_str()
      ->type_name("FOLDER");
  command->add_option("--out", options->out_text, "Folder of report.html; by default FOLDER")
      ->type_name("DIR");
  command->add_option("--title", options->title, "By default the study's, or FOLDER's name")
      ->type_name("TEXT");
  command->add_flag("--folder", options->pictures_beside,
                    "Pictures as files in report/ beside the page, for large runs, instead of\n"
                    "within it");
  command->callback([=, &context] { context.run = [=, &context] { Run(*options, context); }; });
}

}  // namespace netdissect
