#pragma once
// What the subcommands share: global options, the options that name networks and images, and
// results' headers. Each subcommand is one file that binds its options, calls the library and
// saves.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checks.h"
#include "console.h"
#include "experiment/experiment.h"
#include "experiment/recording.h"

namespace netdissect {

/// Options before the command, and the command that was chosen.
struct Context {
  int threads = 0;  // 0: one per core
  uint64_t seed = 0;
  std::string device = "auto";
  std::string forward = "rows";
  bool tf32 = false;
  std::string log_level = "info";
  std::function<void()> run;
  int status = 0;              // of the program, where it succeeds
  std::shared_ptr<Crew> crew;  // with whom commands share their work; none: `--shard` says it
  int machine_place = 0;       // among a crew's processes of this machine
  Console console;
};

/// The command that was given, a subcommand of a subcommand where that is one.
const CLI::App& Chosen(const CLI::App& app);

// Options that experiments share, bound to their places. By default the bundled networks and images
// are taken.
void AddNetworkOption(CLI::App& command, ExperimentOptions& options);
void AddImagesOption(CLI::App& command, ExperimentOptions& options);
void AddLayerOption(CLI::App& command, ExperimentOptions& options);
/// --out with the default runs/COMMAND, and --force.
void AddOutOption(CLI::App& command, ExperimentOptions& options);
/// --batch and --strict.
void AddReadingOptions(CLI::App& command, ExperimentOptions& options);
/// --shard and --keep-every, of commands whose work several processes may share.
void AddShardOption(CLI::App& command, ExperimentOptions& options);
/// Whether the command has them.
bool IsShared(const CLI::App& command);
/// --record with its default.
void AddRecordOption(CLI::App& command, std::string& folder);
/// --units and --sample.
void AddUnitOptions(CLI::App& command, UnitChoice& choice);
/// Bad usage where several ways to choose are given.
void CheckUnitChoice(const UnitChoice& choice);
/// --json, which prints the results' files.
void AddJsonOption(CLI::App& command, bool& json);

/// A check that `parse` takes an option's text: what it throws is bad usage.
CLI::Validator Parsed(const std::function<void(const std::string&)>& parse);

/// Fills in what is the same for all experiments: seed, device and threads, files of bundled
/// networks and, unless `images` is false, image sets, and the effective options.
void Complete(ExperimentOptions& options, const CLI::App& command, Context& context,
              bool images = true);

/// What --forward says.
ForwardBy ForwardNamed(const std::string& word);

/// Threads that decode beside the network's.
int DecodingThreads(const Context& context);

/// Header of a result that is no experiment's: effective options of `command` and the global ones.
Provenance ProvenanceOf(const CLI::App& command, const Context& context);

/// Whether an option has its default, given or not.
bool IsDefault(const CLI::Option& option);

/// options.toml beside the results: `netdissect --config options.toml COMMAND` runs the same again.
std::string OptionsToml(const CLI::App& command);

/// A result's file on standard output, without its seal (base/seal.h).
void PrintFile(const Path& file);

void AddMergeCommand(CLI::App& app, Context& context);
void AddDescribeCommand(CLI::App& app, Context& context);
void AddInfoCommand(CLI::App& app, Context& context);
void AddClassifyCommand(CLI::App& app, Context& context);
void AddRecordCommand(CLI::App& app, Context& context);
void AddRfCommand(CLI::App& app, Context& context);
void AddSimplifyCommand(CLI::App& app, Context& context);
void AddSegmentCommand(CLI::App& app, Context& context);
void AddLocalizeCommand(CLI::App& app, Context& context);
void AddAnnotateCommand(CLI::App& app, Context& context);
void AddSemanticsCommand(CLI::App& app, Context& context);
void AddEmergenceCommand(CLI::App& app, Context& context);
void AddProbeCommand(CLI::App& app, Context& context);
void AddReportCommand(CLI::App& app, Context& context);
void AddEvaluateCommand(CLI::App& app, Context& context);
void AddSynthCommand(CLI::App& app, Context& context);
void AddReproduceCommand(CLI::App& app, Context& context);
void AddTrainCommand(CLI::App& app, Context& context);

}  // namespace netdissect
