#include "experiment/annotate_import.h"

#include <iostream>

#include "annotate.h"
#include "bundled.h"
#include "report/consensus_report.h"

namespace netdissect {
namespace {

struct ImportArguments : ImportExperiment {
  std::string taxonomy_name = "published";
  bool json = false;
};

void PrintImport(const std::vector<ImportRun>& runs) {
  constexpr size_t kShown = 10;
  std::vector<NamedAgreement> agreements;
  for (const ImportRun& run : runs) {
    const int64_t doubts = CountDoubts(run.layers);
    if (doubts > 0) {
      std::cout << fmt::format("{}: {} units for a second look, all in second_look.csv\n",
                               run.network, doubts)
                << SecondLookTable(run.layers, kShown).Text() << "\n";
    }
    agreements.push_back({run.network, run.agreement});
  }
  std::cout << AgreementTable(agreements).Text();
}

void Run(ImportArguments options, const CLI::App& command, Context& context) {
  options.taxonomy = TaxonomyFile(options.taxonomy_name);
  Complete(options, command, context, false);
  const std::vector<ImportRun> runs =
      options.published.empty() ? std::vector<ImportRun>{ImportAnswers(options, context.console)}
                                : ImportPublished(options, context.console);
  if (!options.json) {
    PrintImport(runs);
    return;
  }
  for (const ImportRun& run : runs) PrintFile(run.result);
}

}  // namespace

void AddAnnotateImportCommand(CLI::App& annotate, Context& context) {
  auto options = std::make_shared<ImportArguments>();
  CLI::App* command = annotate.add_subcommand(
      "import",
      "Labels from people: answers to a page of `annotate export`, or published tables;\n"
      "several annotators' answers become one label each, and disagreements are listed");
  command
      ->add_option("answers", options->answers,
                   "Answers (JSON lines); by default answers.jsonl in the task's folder")
      ->type_name("ANSWERS.jsonl");
  command->add_option("--task", options->task, "The folder of `annotate export` of a network")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--published", options->published,
                   "Instead a table with the columns network, layer, unit (from 1), annotator,\n"
                   "label, category, precision; repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("FILE.csv");
  command
      ->add_option("--taxonomy", options->taxonomy_name,
                   "Of the tables' categories: published, paper, or a JSON file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command
      ->add_option("--shown", options->shown,
                   "Images that a precision in a table is a share of, for its interval; 0 = not "
                   "known")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--network", options->networks,
                   "Descriptor of a table's network, so that commands that need the network take "
                   "the\nlabels; repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("DESCRIPTOR");
  command
      ->add_option("--with", options->with,
                   "Labels by ground truth of the same network, to stand beside people's: the "
                   "folder of\n`annotate auto`, or its annotation.json")
      ->type_name("PATH");
  command->add_flag("--strict", options->strict,
                    "An answer or row with something wrong is an error, not left out");
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback([=, &context] {
    if (!options->published.empty() && !options->answers.empty()) {
      throw CLI::ValidationError("--published", "excludes answers to a task");
    }
    context.run = [=, &context] { Run(*options, *command, context); };
  });
}

}  // namespace netdissect
