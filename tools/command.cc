#include "command.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <sstream>
#include <thread>

#include "base/seal.h"
#include "base/text.h"
#include "bundled.h"
#include "data/image_list.h"
#include "netdissect/base/error.h"
#include "nn/device.h"

namespace netdissect {
namespace {

bool IsList(const CLI::Option& option) { return option.get_expected_max() > 1; }

// The words of a list's default, which CLI11 writes "[104,117,123]" or "104 117 123" by version.
std::vector<std::string> WordsOf(std::string text) {
  for (const char mark : {'[', ']', ','}) std::replace(text.begin(), text.end(), mark, ' ');
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

// Effective values of an option as text: given, or by default. Empty for what is no setting.
std::vector<std::string> ValuesOf(const CLI::Option& option) {
  if (option.count() > 0) return option.results();
  const std::string text = option.get_default_str();
  if (option.get_expected_max() == 0) return {text.empty() ? "false" : text};  // a flag
  if (text.empty()) return {};
  return IsList(option) ? WordsOf(text) : std::vector<std::string>{text};
}

bool IsSetting(const CLI::Option& option) {
  const std::string& name = option.get_single_name();
  return name != "help" && name != "config" && name != "version" && name != "json" &&
         name != "shard" && name != "keep-every";
}

// As JSON: numbers and booleans as such. TOML writes these the same way.
Json ScalarOf(const std::string& text) {
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_number() || parsed.is_boolean() ? parsed : Json(text);
}

Json OptionsOf(const CLI::App& command) {
  Json options = Json::object();
  for (const CLI::Option* option : command.get_options()) {
    if (!IsSetting(*option)) continue;
    const std::vector<std::string> values = ValuesOf(*option);
    if (IsList(*option)) {
      options[option->get_single_name()] = values;
    } else if (!values.empty()) {
      options[option->get_single_name()] = ScalarOf(values.front());
    }
  }
  return options;
}

std::string Toml(const Json& options) {
  std::string text;
  for (const auto& [name, value] : options.items()) {
    if (value.is_array() && value.empty()) continue;
    if (value.is_string() && value.get<std::string>().empty()) continue;
    text +=
        fmt::format("{} = {}\n", name, value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return text;
}

// "record", "annotate auto": the command's own name after those that it belongs to.
std::string FullName(const CLI::App& command, const char* separator) {
  const CLI::App* parent = command.get_parent();
  if (parent == nullptr || parent->get_parent() == nullptr) return command.get_name();
  return FullName(*parent, separator) + separator + command.get_name();
}

const CLI::App& Root(const CLI::App& command) {
  return command.get_parent() == nullptr ? command : Root(*command.get_parent());
}

}  // namespace

void AddNetworkOption(CLI::App& command, ExperimentOptions& options) {
  options.networks = {BundledNetworks().front()};
  command
      .add_option("--network", options.networks,
                  "Network descriptor (JSON), or a bundled network: " +
                      Join(BundledNetworks(), ", ") + "; repeatable")
      ->default_str(options.networks.front())
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("DESCRIPTOR");
}

void AddImagesOption(CLI::App& command, ExperimentOptions& options) {
  command
      .add_option("--images", options.images,
                  "Image set: a descriptor (JSON), a list (.txt), a folder, an image, or bundled\n"
                  "pictures: " +
                      Join(BundledSets(), ", ") + "; repeatable; by default " +
                      BundledSets().front())
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("SET");
  command.add_option("--limit", options.limit, "First N images of each set; 0 = all")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
}

void AddLayerOption(CLI::App& command, ExperimentOptions& options) {
  command.add_option("--layer", options.layers, "Layer, by the name of its output; repeatable")
      ->expected(-1)
      ->allow_extra_args(false)
      ->type_name("NAME");
}

void AddOutOption(CLI::App& command, ExperimentOptions& options) {
  const std::string name = FullName(command, "/");
  options.out = "runs/" + name.substr(0, name.find('/'));
  command.add_option("--out", options.out, "Folder of the results")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_flag("--force", options.force, "Do not reuse earlier results");
}

void AddReadingOptions(CLI::App& command, ExperimentOptions& options) {
  command.add_option("--batch", options.pass.batch, "Images a forward pass")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--strict", options.pass.strict, "An unreadable image is an error, not skipped");
}

CLI::Validator Parsed(const std::function<void(const std::string&)>& parse) {
  const auto check = [parse](std::string& text) -> std::string {
    try {
      parse(text);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  return CLI::Validator(check, "");
}

void AddShardOption(CLI::App& command, ExperimentOptions& options) {
  command
      .add_option_function<std::string>(
          "--shard", [&options](const std::string& text) { options.crew = ParseShard(text); },
          "Only this part of the work, as 2/4: once all parts are done, `merge` makes results of "
          "them")
      ->check(Parsed([](const std::string& text) { ParseShard(text); }))
      ->type_name("PART/PARTS");
  command
      .add_option("--keep-every", options.pass.keep_every,
                  "Seconds after which what was gathered is written down, for a run that goes on "
                  "from there")
      ->check(NotNegative())
      ->type_name("SECONDS")
      ->capture_default_str();
}

const CLI::App& Chosen(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

bool IsShared(const CLI::App& command) { return command.get_option_no_throw("--shard") != nullptr; }

void AddRecordOption(CLI::App& command, std::string& folder) {
  command
      .add_option("--record", folder,
                  "Folder of an earlier recording; reused where network and images are the same")
      ->type_name("DIR")
      ->capture_default_str();
}

void AddUnitOptions(CLI::App& command, UnitChoice& choice) {
  command.add_option("--units", choice.units, "Units such as 3,17,40-59; all where not given")
      ->check(Parsed([](const std::string& text) { ParseUnits(text); }))
      ->type_name("LIST");
  command.add_option("--sample", choice.sample, "N random units of each layer instead; 0 = all")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
}

void CheckUnitChoice(const UnitChoice& choice) {
  // Saved options have `sample = 0` beside the units, hence no excludes().
  if (choice.sample > 0 && !choice.units.empty()) {
    throw CLI::ValidationError("--sample", "excludes --units");
  }
  if (choice.best > 0 && (choice.sample > 0 || !choice.units.empty())) {
    throw CLI::ValidationError("--best", "excludes --units and --sample");
  }
}

void AddJsonOption(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "The result as JSON on standard output");
}

namespace {

// What is in a folder of images and is not read, by its name.
void WarnOfOthers(const Path& folder, Console& console) {
  const std::string others = TextOf(OtherFilesIn(folder));
  if (others.empty()) return;
  console.Warning(fmt::format("{}: files that are no images by their names are left out: {}",
                              folder.string(), others));
}

void FindInputs(ExperimentOptions& options, bool images, Context& context) {
  for (std::string& network : options.networks) network = NetworkFile(network);
  if (!images) return;
  if (options.images.empty()) options.images = {BundledSets().front()};
  for (std::string& set : options.images) {
    set = ImageSetFile(set, options.pass.threads, context.console);
    std::error_code ignored;
    if (std::filesystem::is_directory(set, ignored)) WarnOfOthers(set, context.console);
  }
}

}  // namespace

void Complete(ExperimentOptions& options, const CLI::App& command, Context& context, bool images) {
  options.seed = context.seed;
  options.device = context.device;
  options.forward = ForwardNamed(context.forward);
  options.tf32 = context.tf32;
  options.pass.threads = DecodingThreads(context);
  options.asked = OptionsOf(command);
  options.toml = OptionsToml(command);
  if (context.crew) {
    if (!options.crew->alone()) Fail("--shard: expected a process of no other's crew, found one");
    options.crew = context.crew;
  }
  const Crew& crew = *options.crew;
  if (crew.size() > 1) options.device = DeviceOf(options.device, context.machine_place);
  // Bundled pictures are rendered by one process.
  if (!crew.completes()) options.crew->Meet();
  FindInputs(options, images, context);
  if (crew.completes()) options.crew->Meet();
}

ForwardBy ForwardNamed(const std::string& word) {
  return word == "libtorch" ? ForwardBy::kLibTorch : ForwardBy::kRowKernels;
}

int DecodingThreads(const Context& context) {
  const auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return context.threads > 0 ? context.threads : cores;
}

Provenance ProvenanceOf(const CLI::App& command, const Context& context) {
  Provenance provenance;
  provenance.command = FullName(command, " ");
  provenance.options = OptionsOf(command);
  provenance.seed = context.seed;
  return provenance;
}

std::string OptionsToml(const CLI::App& command) {
  return Toml(OptionsOf(Root(command))) + "\n[" + FullName(command, ".") + "]\n" +
         Toml(OptionsOf(command));
}

bool IsDefault(const CLI::Option& option) {
  return option.count() == 0 || option.results() == WordsOf(option.get_default_str());
}

void PrintFile(const Path& file) { std::cout << Unsealed(file, ReadFile(file)); }

}  // namespace netdissect
