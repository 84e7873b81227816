#pragma once
// What the subcommands share: global options, the options that name networks and images, and
// results' headers. Each subcommand is one file that binds its options, calls the library and
// saves.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "console.h"
#include "netdissect/base/error.h"
#include "netdissect/data/dataset.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "netdissect/report/provenance.h"

namespace netdissect {

/// A command that a signal ended before it was done: the exit status says so as a shell does.
class StoppedBySignal : public Error {
 public:
  StoppedBySignal(int signal, const std::string& message) : Error(message), signal_(signal) {}
  int exit_status() const { return 128 + signal_; }

 private:
  int signal_;
};

/// Options before the command, and the command that was chosen.
struct Context {
  int threads = 0;  // 0: one per core
  uint64_t seed = 0;
  std::string device = "auto";
  std::string log_level = "info";
  std::function<void()> run;
  Console console;
};

/// Common options of the commands that take networks and images.
struct InputOptions {
  std::vector<std::string> networks;
  std::vector<std::string> images;
  std::vector<std::string> layers;
  std::string out;
  int64_t limit = 0;
  int batch = 32;
  bool strict = false;
  bool force = false;
};

void AddNetworkOption(CLI::App& command, InputOptions& options);
void AddImagesOption(CLI::App& command, InputOptions& options);
void AddLayerOption(CLI::App& command, InputOptions& options);
/// --out with the default runs/COMMAND, and --force.
void AddOutOption(CLI::App& command, InputOptions& options);
/// --batch and --strict.
void AddReadingOptions(CLI::App& command, InputOptions& options);

/// A check that `parse` takes an option's text: what it throws is bad usage.
CLI::Validator Parsed(const std::function<void(const std::string&)>& parse);

/// The network, by descriptor or a bundled one's name, at --device.
Model LoadOn(const Context& context, const std::string& descriptor, Observer& observer);

/// The image sets, a bundled one where none is named; Error where two bear one name.
std::vector<Dataset> LoadSets(const InputOptions& options, Context& context);

/// Files named on the command line as an image set.
Dataset SetOfFiles(const std::vector<std::string>& files);

/// Threads that decode beside the network's.
int DecodingThreads(const Context& context);

/// How the command's images are passed through a network.
PassOptions PassOf(const InputOptions& options, const Context& context);

/// Where the results of network `index` go: --out itself for one network, else a folder for each,
/// named after the descriptor.
Path OutFolder(const InputOptions& options, size_t index);

/// Header of a result: effective options of `command` and the global ones.
Provenance ProvenanceOf(const CLI::App& command, const Context& context);

/// The same with the network and the image sets that the result is of.
Provenance ProvenanceOf(const CLI::App& command, const Context& context, const Model& model,
                        const std::vector<Dataset>& sets);

/// options.toml beside the results: `netdissect --config options.toml COMMAND` runs the same again.
void SaveOptions(const Path& folder, const CLI::App& command);

/// Says on the log which images were skipped: the first few by name, the rest by number.
void ReportSkipped(Observer& observer, const std::vector<SkippedImage>& skipped);

/// {"netdissect": header} and after it the keys of `result`.
Json WithHeader(const Provenance& provenance, const Json& result);

void AddInfoCommand(CLI::App& app, Context& context);
void AddClassifyCommand(CLI::App& app, Context& context);
void AddRecordCommand(CLI::App& app, Context& context);
void AddRfCommand(CLI::App& app, Context& context);
void AddSimplifyCommand(CLI::App& app, Context& context);
void AddSegmentCommand(CLI::App& app, Context& context);
void AddLocalizeCommand(CLI::App& app, Context& context);
void AddAnnotateCommand(CLI::App& app, Context& context);
void AddEvaluateCommand(CLI::App& app, Context& context);
void AddSynthCommand(CLI::App& app, Context& context);
void AddTrainCommand(CLI::App& app, Context& context);

}  // namespace netdissect
