#include <iostream>

#include "command.h"
#include "experiment/against.h"
#include "netdissect/base/error.h"
#include "report/against_report.h"

namespace netdissect {
namespace {

constexpr int kChanged = 3;

struct ReportArguments : AgainstOptions {
  bool json = false;
};

void Run(ReportArguments options, const CLI::App& command, Context& context) {
  if (options.against.empty()) Fail("report: expected --against, the folder of another run");
  const Provenance provenance = ProvenanceOf(command, context);
  options.asked = provenance.options;
  options.seed = provenance.seed;
  const AgainstResult against = RunAgainst(options, context.console);
  if (options.json) {
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
  CLI::App* command =
      app.add_subcommand("report", "What changed between two runs, beyond the noise (--against)");
  options->run = "runs/reproduce";
  command->add_option("folder", options->run, "Folder of a run: results anywhere below it")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      ->add_option(
          "--against", options->against,
          "Folder of the run before. Every mean over units or images that both runs have is\n"
          "compared; a line is printed for each that changed, and against.json is written.\n"
          "All intervals hold together with 95% (paired bootstrap over units or images, Student's\n"
          "t, Bonferroni). Exit status 3 where anything changed")
      ->type_name("FOLDER");
  command
      ->add_option("--tolerance", options->change.tolerance,
                   "Share of the value before that a change has to exceed, besides the noise")
      ->check(NotNegative())
      ->type_name("SHARE")
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder of against.json; by default that of the run")
      ->type_name("DIR");
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
