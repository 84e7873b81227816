#include <spdlog/spdlog.h>

#include <iostream>

#include "base/clock.h"
#include "command.h"
#include "netdissect/base/system.h"
#include "report/figure.h"
#include "synth_report.h"

namespace netdissect {
namespace {

struct SynthArguments {
  ExperimentOptions output;
  SyntheticSetOptions sets;
  std::string kind = "both";
  bool json = false;
};

void RunSynth(const SynthArguments& options, const CLI::App& command, Context& context) {
  const Path folder = options.output.out;
  const RunFolder run(folder, "synth");
  const Path result_file = run.files().Result(ResultKind::kSynth);
  SyntheticSetOptions sets = options.sets;
  sets.scenes = options.kind != "objects";
  sets.objects = options.kind != "scenes";
  sets.picture.seed = context.seed;
  sets.force = options.output.force;
  sets.threads = DecodingThreads(context);
  SetThreads(1);  // pictures are rendered side by side, each by one thread
  std::error_code ignored;
  if (sets.force) std::filesystem::remove(result_file, ignored);  // what it describes is replaced
  const auto start = Clock::now();
  const std::vector<SyntheticSetResult> results = WriteSyntheticSets(folder, sets, context.console);
  const double seconds = SecondsSince(start);
  context.console.EndLine();
  int64_t rendered = 0, images = 0;
  for (const SyntheticSetResult& result : results) {
    rendered += result.rendered;
    images += result.images;
  }
  spdlog::info("{} images in {} ({:.1f}/s) by {} threads{}", rendered, FormatDuration(seconds),
               static_cast<double>(rendered) / seconds, sets.threads,
               rendered < images ? fmt::format(", {} were there already", images - rendered) : "");
  Provenance provenance = ProvenanceOf(command, context);
  Json counts = Json::object();
  for (const SyntheticSetResult& result : results) {
    const Dataset set = LoadDataset(folder / (result.name + ".json"));
    provenance.Add(set);
    if (result.name == "scenes") {
      WritePng(run.files().SceneSheet(), SceneSheet(set));
    } else {
      WritePng(run.files().ObjectSheet(), ObjectSheet(set));
    }
    counts[result.name] = ToJson(result);
  }
  const Json json = WithHeader(provenance, {{"sets", counts}});
  WriteJson(result_file, json);
  WriteFile(run.files().Options(), OptionsToml(command));
  if (options.json) {
    std::cout << json.dump(2) << "\n";
    return;
  }
  for (const SyntheticSetResult& result : results) {
    std::cout << fmt::format("{}: {} images\n{}\n", result.name, result.images,
                             FrequencyTable(result).Text());
  }
}

}  // namespace

void AddSynthCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<SynthArguments>();
  CLI::App* command = app.add_subcommand(
      "synth", "Renders the synthetic world: scenes with the object at every pixel, and objects");
  AddOutOption(*command, options->output);
  command->get_option("--force")->description("Replace a world of other options in the folder");
  command->add_option("--kind", options->kind, "scenes, objects or both")
      ->check(CLI::IsMember({"scenes", "objects", "both"}))
      ->type_name("KIND")
      ->capture_default_str();
  command->add_option("--train", options->sets.train, "Images of each training list")
      ->check(CLI::Range(0, 999'999))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--val", options->sets.val, "Images of each validation list")
      ->check(CLI::Range(0, 999'999))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--size", options->sets.picture.size, "Pixels, width and height: 64 to 512")
      ->check(CLI::Range(64, 512))
      ->type_name("S")
      ->capture_default_str();
  command->add_option("--quality", options->sets.jpeg_quality, "JPEG quality of the pictures")
      ->check(CLI::Range(1, 100))
      ->type_name("Q")
      ->capture_default_str();
  command->add_flag("--json", options->json, "The counts as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunSynth(*options, *command, context); }; });
}

}  // namespace netdissect
