#include "experiment/semantics.h"

#include <iostream>

#include "bundled.h"
#include "command.h"
#include "report/consensus_report.h"
#include "report/semantics_report.h"

namespace netdissect {
namespace {

struct SemanticsArguments : SemanticsExperiment {
  std::string taxonomy_name;
  bool json = false;
};

void PrintSemantics(const SemanticsRun& run) {
  std::cout << SemanticsTable(run.networks, run.taxonomy).Text() << "\n"
            << GroupTable(run.networks, run.taxonomy).Text();
  if (run.agreement.kappa.items == 0) return;  // nobody to agree with
  std::vector<NamedAgreement> agreements;
  for (const NetworkSemantics& network : run.networks) {
    agreements.push_back({network.name, network.agreement});
  }
  if (run.networks.size() > 1) agreements.push_back({"all", run.agreement});
  std::cout << "\n" << AgreementTable(agreements).Text();
}

void Run(SemanticsArguments options, const CLI::App& command, Context& context) {
  if (!options.taxonomy_name.empty()) options.taxonomy = TaxonomyFile(options.taxonomy_name);
  options.otherwise = TaxonomyFile("paper");
  Complete(options, command, context, false);
  const SemanticsRun run = RunSemantics(options, context.console);
  if (options.json) {
    PrintFile(run.result);
  } else {
    PrintSemantics(run);
  }
}

}  // namespace

void AddSemanticsCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SemanticsArguments>();
  CLI::App* command = app.add_subcommand(
      "semantics",
      "Precision of labels and their semantic groups, by layer and network (Figures 7 and 8)");
  options->labels = {"runs/annotate"};
  command
      ->add_option("--labels", options->labels,
                   "Labels: an annotation.json, or a folder of `annotate`; repeatable")
      ->default_str("runs/annotate")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("PATH");
  command
      ->add_option("--taxonomy", options->taxonomy_name,
                   "Levels of groups: paper, published, or a JSON file; by default as the labels "
                   "say, else\npaper")
      ->type_name("NAME|FILE");
  AddLayerOption(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
