#include "experiment/probe.h"

#include <iostream>

#include "bundled.h"
#include "command.h"

namespace netdissect {
namespace {

struct ProbeArguments : ProbeExperiment {
  std::string pool = "fit";
  std::vector<double> costs;
  bool json = false;
};

void Run(ProbeArguments options, const CLI::App& command, Context& context) {
  Complete(options, command, context);
  if (!options.test.empty()) {
    options.test = ImageSetFile(options.test, options.pass.threads, context.console);
  }
  options.draw = command.count("--test-share") > 0;
  options.pooling = ParsePooling(options.pool);
  options.probe.seed = options.seed;
  if (!options.costs.empty()) options.probe.cross_validation.costs = options.costs;
  const ProbeRun run = RunProbe(options, context.console);
  if (options.json) {
    for (const Path& result : run.results) PrintFile(result);
  } else {
    std::cout << ProbeTable(run.networks).Text();
  }
}

}  // namespace

void AddProbeCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ProbeArguments>();
  CLI::App* command = app.add_subcommand(
      "probe", "How well a linear SVM tells classes apart by a layer's features (Section 2)");
  AddNetworkOption(*command, *options);
  AddImagesOption(*command, *options);
  CLI::Option* test =
      command
          ->add_option("--test", options->test,
                       "Image set to test on; without it a descriptor's `list` is tested and its "
                       "`train`\nlist learnt from, where it has both, else a share of --images is "
                       "tested")
          ->type_name("SET");
  command
      ->add_option("--test-share", options->test_share,
                   "Share of each category's images to test on, drawn by the seed")
      ->check(CLI::Range(0.01, 0.99))
      ->excludes(test)
      ->type_name("SHARE")
      ->capture_default_str();
  AddLayerOption(*command, *options);
  command
      ->add_option("--pool", options->pool,
                   "Features of a map: none (all positions), mean, max, averages on a grid such as "
                   "4x4,\nor fit: the finest square grid with at most 4096 features a layer")
      ->check(Parsed([](const std::string& text) { ParsePooling(text); }))
      ->type_name("POOL")
      ->capture_default_str();
  command
      ->add_option("--cost", options->costs,
                   "Costs C to choose from by cross-validation, or the one to take; repeatable; by "
                   "default\nthe powers of ten from 1e-6 to 10")
      ->expected(-1)
      ->allow_extra_args(false)
      ->check(Positive())
      ->type_name("C");
  command
      ->add_option("--folds", options->probe.cross_validation.folds,
                   "Parts of the training images in cross-validation")
      ->check(CLI::Range(2, 1000))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--tolerance", options->probe.svm.tolerance,
                   "Training ends where the gradient is that much of what it is at first")
      ->check(Positive())
      ->type_name("T")
      ->capture_default_str();
  AddReadingOptions(*command, *options);
  AddOutOption(*command, *options);
  AddJsonOption(*command, options->json);
  command->callback(
      [=, &context] { context.run = [=, &context] { Run(*options, *command, context); }; });
}

}  // namespace netdissect
