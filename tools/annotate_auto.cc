#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

#include "annotate.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/label_report.h"
#include "recording.h"
#include "unit_sheet.h"

namespace netdissect {
namespace {

struct LabelArguments {
  InputOptions input;
  RecordingOptions recording;
  LabelOptions label;
  int sheet = 8;
  bool json = false;
};

// What people said is worth more than a run of this command.
void RequireNoOthersLabels(const Path& file, bool force) {
  if (force || !std::filesystem::exists(file)) return;
  const Json json = ReadJson(file);
  const Json none = Json::object();
  const Json& header = json.is_object() && json.contains("netdissect") ? json["netdissect"] : none;
  const std::string command =
      header.is_object() && header.contains("command") && header["command"].is_string()
          ? header["command"].get<std::string>()
          : "another program";
  if (command == "annotate auto") return;
  Fail(
      "{}: expected no labels but those of `annotate auto`, found those of `{}`; give another "
      "--out, or --force to replace them",
      file.string(), command);
}

// The units that fit their objects best, with their top images.
cv::Mat DrawBestUnits(const LabelArguments& options, const Model& model, const RecordResult& record,
                      const UnitLabelsResult& result, Console& console) {
  constexpr size_t kImages = 8;
  std::vector<std::pair<size_t, const UnitLabel*>> units;  // layer, unit
  for (size_t layer = 0; layer < result.layers.size(); ++layer) {
    for (const UnitLabel& unit : result.layers[layer].units) {
      if (!unit.best.empty()) units.emplace_back(layer, &unit);
    }
  }
  std::stable_sort(units.begin(), units.end(),
                   [](const auto& a, const auto& b) { return *a.second->iou > *b.second->iou; });
  units.resize(std::min(units.size(), static_cast<size_t>(options.sheet)));
  std::vector<SheetRow> rows;
  for (const auto& [layer, unit] : units) {
    const RecordedLayer& recorded = record.layers[layer];
    SheetRow row;
    row.layer = recorded.name;
    row.unit = unit->unit;
    row.level = unit->threshold;
    row.caption =
        fmt::format("{} unit {}: {}, IoU {:.3f}, precision {:.0f}%", recorded.name, unit->unit,
                    unit->best[0].object, *unit->iou, 100 * unit->precision.value_or(0));
    const auto& top = recorded.units[static_cast<size_t>(unit->unit)].top;
    for (size_t i = 0; i < std::min(top.size(), kImages); ++i) row.images.push_back(top[i].image);
    rows.push_back(std::move(row));
  }
  PassOptions pass;
  pass.batch = options.input.batch;
  return DrawUnitSheet(model, record.images, rows, pass, console);
}

NetworkLabels RunOne(const LabelArguments& options, size_t index, const std::vector<Dataset>& sets,
                     const CLI::App& command, Context& context) {
  const std::string& descriptor = options.input.networks[index];
  const Path folder = OutFolder(options.input, index);
  RequireWritableFolder(folder);
  RequireNoOthersLabels(folder / "annotation.json", options.input.force);
  const Model model = LoadOn(context, descriptor, context.console);
  std::vector<std::string> layers = options.input.layers;
  if (layers.empty()) layers = {LastSpatialLayer(model.network)};
  const Provenance provenance = ProvenanceOf(command, context, model, sets);
  const RecordResult record = FindOrMakeRecord(options.input, options.recording, descriptor, folder,
                                               model, sets, layers, provenance, context);
  LabelOptions label = options.label;
  label.pass = PassOf(options.input, context);
  const UnitLabelsResult result = LabelUnits(model, sets, record, label, context.console);
  context.console.EndLine();
  ReportSkipped(context.console, result.skipped);
  const int64_t peak = PeakMemory();
  spdlog::info("{}: {} annotated images in {} ({:.1f}/s), peak memory {}", model.name,
               result.annotated, FormatDuration(result.seconds),
               static_cast<double>(result.annotated) / result.seconds, FormatBytes(peak));
  Json body = ToJson(result, label);
  body["peak_memory"] = peak;
  const Json json = WithHeader(provenance, body);
  WriteFile(folder / "labels.csv", BestUnitTable(result.layers, 0).Csv());
  for (const LayerLabels& layer : result.layers) {
    WritePng(folder / "labels" / (FileNameOf(layer.name) + ".png"), DrawLabels(model.name, layer));
  }
  if (options.sheet > 0) {
    WritePng(folder / "labels" / "best_units.png",
             DrawBestUnits(options, model, record, result, context.console));
  }
  WriteJson(folder / "annotation.json", json);
  SaveOptions(folder, command);
  if (options.json) {
    std::cout << json.dump(2) << "\n";
  } else {
    constexpr size_t kShown = 20;
    std::cout << model.name << ": the units that fit an object best\n"
              << BestUnitTable(result.layers, kShown).Text() << "\n";
  }
  return {model.name, result.layers};
}

void RunAuto(const LabelArguments& options, const CLI::App& command, Context& context) {
  options.label.Validate();
  const std::vector<Dataset> sets = LoadSets(options.input, context);
  std::vector<NetworkLabels> networks;
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    networks.push_back(RunOne(options, i, sets, command, context));
  }
  if (!options.json) std::cout << LabelCountTable(networks).Text();
}

}  // namespace

void AddAnnotateAutoCommand(CLI::App& annotate, Context& context) {
  auto options = std::make_shared<LabelArguments>();
  CLI::App* command = annotate.add_subcommand(
      "auto",
      "Labels from ground truth: the annotated object that a unit's maps fit best, by "
      "intersection\n"
      "over union at the activation that the unit exceeds at 0.5% of positions");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  command
      ->add_option("--min-iou", options->label.min_iou,
                   "Intersection over union below which a unit has no label")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--min-images", options->label.min_images,
                   "Images that show an object at least; rarer ones are no labels")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--top", options->label.top,
                   "Images of highest activation that a label's precision is taken from")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--sheet", options->sheet, "Best units shown in labels/best_units.png; 0 = none")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->capture_default_str();
  AddRecordOption(*command, options->recording);
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunAuto(*options, *command, context); }; });
}

}  // namespace netdissect
