#include "experiment/report.h"

#include <iostream>

#include "base/text.h"
#include "command.h"
#include "experiment/against.h"
#include "report/against_report.h"

namespace netdissect {
namespace {

constexpr int kChanged = 3;

struct ReportArguments {
  std::string folder = "runs/reproduce", out, title;
  bool pictures_beside = false;
  AgainstOptions against;
  bool json = false;
};

void WritePage(const ReportArguments& arguments, Context& context) {
  ReportExperiment options;
  options.folder = arguments.folder;
  options.out = arguments.out;
  options.title = arguments.title;
  options.pictures_beside = arguments.pictures_beside;
  const ReportRun run = RunReport(options, context.console);
  if (arguments.json) {
    std::cout << Json{{"page", run.page.string()},
                      {"results", run.results},
                      {"units", run.units},
                      {"bytes", run.bytes}}
                     .dump(2)
              << "\n";
  } else {
    std::cout << fmt::format("{}: {} results, {} units, {}\n", run.page.string(), run.results,
                             run.units, FormatBytes(run.bytes));
  }
}

void Compare(const ReportArguments& arguments, const CLI::App& command, Context& context) {
  AgainstOptions options = arguments.against;
  options.run = arguments.folder;
  options.out = arguments.out;
  const Provenance provenance = ProvenanceOf(command, context);
  options.asked = provenance.options;
  options.seed = provenance.seed;
  const AgainstResult against = RunAgainst(options, context.console);
  if (arguments.json) {
    PrintFile(against.result);
  } else {
    for (const std::string& line : ChangeLines(against.runs, against.changes, options.change)) {
      std::cout << line << "\n";
    }
    std::cout << SummaryLine(against.runs, against.changes, options.change) << "\n";
  }
  if (against.any) context.status = kChanged;
}

}  // namespace

void AddReportCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report",
      "One page of all that is in a run folder; --against: what changed between two runs");
  command->add_option("folder", options->folder, "Results, at any depth: of `reproduce`, or yours")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      ->add_option("--out", options->out,
                   "Folder of report.html or against.json; by default that of the results")
      ->type_name("DIR");
  command->add_option("--title", options->title, "By default the study's, or the folder's name")
      ->type_name("TEXT");
  command->add_flag("--folder", options->pictures_beside,
                    "Pictures as files in report/ beside the page, for large runs, instead of\n"
                    "within it");
  command
      ->add_option(
          "--against", options->against.against,
          "Folder of the run before. Every mean over units or images that both runs have is\n"
          "compared; a line is printed for each that changed, and against.json is written.\n"
          "All intervals hold together with 95% (paired bootstrap over units or images, Student's\n"
          "t, Bonferroni). Exit status 3 where anything changed")
      ->type_name("FOLDER");
  command
      ->add_option("--tolerance", options->against.change.tolerance,
                   "Share of the value before that a change has to exceed, besides the noise")
      ->check(NotNegative())
      ->type_name("SHARE")
      ->capture_default_str();
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    context.run = [=, &context] {
      options->against.against.empty() ? WritePage(*options, context)
                                       : Compare(*options, *command, context);
    };
  });
}

}  // namespace netdissect
