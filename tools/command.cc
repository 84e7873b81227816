#include "command.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include "bundled.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/nn/convolution_check.h"
#include "netdissect/nn/device.h"

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
  const std::string name = option.get_single_name();
  return name != "help" && name != "config" && name != "version" && name != "json";
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
    text += fmt::format("{} = {}\n", name, value.dump());
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

void AddNetworkOption(CLI::App& command, InputOptions& options) {
  options.networks = {BundledNetworks().front()};
  command
      .add_option("--network", options.networks,
                  "Network descriptor (JSON), or a bundled network: " +
                      Join(BundledNetworks(), ", ") + "; repeatable")
      ->default_str(options.networks.front())
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->type_name("DESCRIPTOR");
}

void AddImagesOption(CLI::App& command, InputOptions& options) {
  command
      .add_option("--images", options.images,
                  "Image set: a descriptor (JSON), a list (.txt), a folder, an image, or bundled\n"
                  "pictures: " +
                      Join(BundledSets(), ", ") + "; repeatable; by default " +
                      BundledSets().front())
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->type_name("SET");
  command.add_option("--limit", options.limit, "First N images of each set; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
}

void AddLayerOption(CLI::App& command, InputOptions& options) {
  command.add_option("--layer", options.layers, "Layer, by the name of its output; repeatable")
      ->expected(1, 1 << 10)
      ->allow_extra_args(false)
      ->type_name("NAME");
}

void AddOutOption(CLI::App& command, InputOptions& options) {
  const std::string name = FullName(command, "/");
  options.out = "runs/" + name.substr(0, name.find('/'));
  command.add_option("--out", options.out, "Folder of the results")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_flag("--force", options.force, "Do not reuse earlier results");
}

void AddReadingOptions(CLI::App& command, InputOptions& options) {
  command.add_option("--batch", options.batch, "Images a forward pass")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--strict", options.strict, "An unreadable image is an error, not skipped");
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

Model LoadOn(const Context& context, const std::string& descriptor, Observer& observer) {
  Model model = LoadModel(NetworkFile(descriptor));
  if (AvoidWrongConvolutions()) {
    observer.Warning(
        "this LibTorch's oneDNN computes convolutions wrongly: done without it, which is slower");
  }
  model.network.To(ParseDevice(context.device));
  return model;
}

std::vector<Dataset> LoadSets(const InputOptions& options, Context& context) {
  std::vector<Dataset> sets;
  std::set<std::string> names;
  const std::vector<std::string>& sources =
      options.images.empty() ? std::vector<std::string>{BundledSets().front()} : options.images;
  for (const std::string& source : sources) {
    const std::string file = ImageSetFile(source, DecodingThreads(context), context.console);
    sets.push_back(LoadDataset(file, {options.limit, false}));
    if (!names.insert(sets.back().name).second) {
      Fail("{}: expected image sets of different names, found {} twice", source, sets.back().name);
    }
  }
  return sets;
}

Dataset SetOfFiles(const std::vector<std::string>& files) {
  Dataset set;
  set.name = "given images";
  for (const std::string& file : files) set.images.push_back({file, file, -1});
  return set;
}

int DecodingThreads(const Context& context) {
  const auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return context.threads > 0 ? context.threads : cores;
}

Path OutFolder(const InputOptions& options, size_t index) {
  if (options.networks.size() == 1) return options.out;
  return Path(options.out) / Path(options.networks[index]).stem();
}

Provenance ProvenanceOf(const CLI::App& command, const Context& context) {
  Provenance provenance;
  provenance.command = FullName(command, " ");
  provenance.options = OptionsOf(command);
  provenance.seed = context.seed;
  return provenance;
}

Provenance ProvenanceOf(const CLI::App& command, const Context& context, const Model& model,
                        const std::vector<Dataset>& sets) {
  Provenance provenance = ProvenanceOf(command, context);
  provenance.Add(model);
  for (const Dataset& set : sets) provenance.Add(set);
  return provenance;
}

void SaveOptions(const Path& folder, const CLI::App& command) {
  WriteFile(folder / "options.toml", Toml(OptionsOf(Root(command))) + "\n[" +
                                         FullName(command, ".") + "]\n" + Toml(OptionsOf(command)));
}

void ReportSkipped(Observer& observer, const std::vector<SkippedImage>& skipped) {
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < std::min(kShown, skipped.size()); ++i) {
    observer.Warning("skipped " + skipped[i].reason);
  }
  if (skipped.size() > kShown) {
    observer.Warning(fmt::format("{} images were skipped in all", skipped.size()));
  }
}

Json WithHeader(const Provenance& provenance, const Json& result) {
  Json json = {{"netdissect", ToJson(provenance)}};
  json.update(result);
  return json;
}

}  // namespace netdissect
