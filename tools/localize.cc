// localize: scene and objects of pictures, each from one forward pass.

#include "netdissect/study/localize.h"

#include <spdlog/spdlog.h>

#include <iostream>
#include <optional>

#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/base/text.h"
#include "netdissect/report/classify_report.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/label_report.h"
#include "netdissect/report/localize_report.h"
#include "netdissect/report/measured_field.h"
#include "netdissect/report/record_report.h"
#include "recording.h"

namespace netdissect {
namespace {

struct LocalizeArguments {
  InputOptions input;
  std::vector<std::string> files;
  std::string labels = "runs/annotate";
  std::string record = "runs/record";
  std::string fields = "runs/rf";
  std::string trust = "precision";
  double min_iou = 0.04;     // Network Dissection
  double min_precision = 0;  // share; where annotations are incomplete, precision is a lower bound
  LocalizeOptions localize;
  int boxes = 8;  // drawn at most
  bool no_pictures = false;
  bool json = false;
};

// How far to trust a label; nothing where the unit is left out.
std::optional<double> TrustOf(const LocalizeArguments& options, const UnitLabel& label) {
  if (label.label.empty()) return std::nullopt;
  if (label.iou && *label.iou < options.min_iou) return std::nullopt;
  if (label.precision && *label.precision < options.min_precision) return std::nullopt;
  const bool by_iou = options.trust == "iou" || !label.precision;
  return by_iou ? label.iou : label.precision;
}

// Labels, thresholds and fields of the units, put together from what earlier commands found.
std::vector<DetectorLayer> MakeDetectors(const LocalizeArguments& options,
                                         const std::string& descriptor, const Model& model) {
  const Path labels_file = ResultFile(options.labels, descriptor, "annotation.json", "annotate");
  std::vector<LayerLabels> labels = ReadUnitLabels(labels_file, model.digest);
  std::vector<std::string> names = options.input.layers;
  if (names.empty()) {
    for (const LayerLabels& layer : labels) names.push_back(layer.name);
  }
  const std::vector<RecordedLayer> recorded = ReadRecordedLayers(
      ResultFile(options.record, descriptor, "record.json", "record"), model.digest, names);
  std::optional<MeasuredFields> fields;
  const Path fields_folder = ResultFolder(options.fields, descriptor, "rf.json");
  if (std::filesystem::exists(fields_folder / "rf.json")) {
    fields.emplace(fields_folder, model.digest);
  } else {
    spdlog::info(
        "{}: not there: boxes span the units' positions only; `rf` measures receptive fields to "
        "grow them by",
        (fields_folder / "rf.json").string());
  }
  std::vector<DetectorLayer> layers;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = std::find_if(labels.begin(), labels.end(), [&](const LayerLabels& layer) {
      return layer.name == names[i];
    });
    if (found == labels.end()) {
      std::vector<std::string> known;
      for (const LayerLabels& layer : labels) known.push_back(layer.name);
      Fail("{}: expected labels of layer {}, found {}", labels_file.string(), names[i],
           Join(known));
    }
    const LayerGeometry geometry = GeometryOf(model.network, model.network.Find(names[i]));
    DetectorLayer layer{names[i], {}};
    for (const UnitLabel& label : found->units) {
      const std::optional<double> trust = TrustOf(options, label);
      if (!trust) continue;
      if (label.unit < 0 || label.unit >= geometry.shape.units) {
        Fail("{}: layer {}: expected units 0 to {}, found {}", labels_file.string(), names[i],
             geometry.shape.units - 1, label.unit);
      }
      const RecordedUnit& unit = recorded[i].units[static_cast<size_t>(label.unit)];
      layer.units.push_back(
          {label.unit, label.label, *trust, unit.quantile, FullActivation(unit, LabelOptions().top),
           fields ? fields->SizeOf(names[i], label.unit) : geometry.field.y.stride});
    }
    spdlog::info("{}: {} of {} units have a label that is used", names[i], layer.units.size(),
                 geometry.shape.units);
    layers.push_back(std::move(layer));
  }
  return layers;
}

void Print(const LocatedImage& located, const Model& model, const std::string& image) {
  std::cout << image << "\n";
  for (const RankedClass& scene : located.scenes) {
    std::cout << fmt::format("  {:6.2f}%  {}\n", 100 * scene.score, ClassName(model, scene.index));
  }
  std::vector<std::string> objects;
  for (const LocatedObject& object : located.objects) {
    objects.push_back(fmt::format("{} {:.2f}", object.label, object.confidence));
  }
  std::cout << "  objects: " << (objects.empty() ? "none" : Join(objects)) << "\n";
}

void LocalizeSet(const LocalizeArguments& options, const Model& model,
                 const std::vector<DetectorLayer>& layers, const Dataset& set, const Path& folder,
                 const CLI::App& command, Context& context) {
  RequireWritableFolder(folder);
  Json images = Json::array();
  const auto found = [&](const LocatedImage& located) {
    const ImageEntry& entry = set.images[static_cast<size_t>(located.image)];
    images.push_back(LocatedJson(located, model, layers, entry.name, located.size));
    if (!options.no_pictures) {
      WritePng(folder / "localize" / (FileNameOf(entry.name) + ".png"),
               DrawLocated(located, model, located.picture, options.boxes));
    }
    if (!options.json && !options.files.empty()) Print(located, model, entry.name);
  };
  const LocalizeSummary summary =
      Localize(model, layers, {set}, found, options.localize, context.console);
  context.console.EndLine();
  ReportSkipped(context.console, summary.skipped);
  const double images_count = std::max(1.0, static_cast<double>(summary.images));
  const double each = summary.seconds / images_count, bare = summary.bare_seconds / images_count;
  spdlog::info("{}: {} pictures, {:.1f} ms each{}", set.name, summary.images, 1000 * each,
               options.localize.time ? fmt::format(", bare forward pass {:.1f} ms: {:.2f} times",
                                                   1000 * bare, each / bare)
                                     : "");
  Provenance provenance = ProvenanceOf(command, context);
  provenance.Add(model);
  provenance.Add(set);
  const Json json = WithHeader(
      provenance, {{"seconds_per_image", each},
                   {"bare_seconds_per_image", options.localize.time ? Json(bare) : Json()},
                   {"skipped", ToJson(summary.skipped)},
                   {"images", std::move(images)}});
  WriteJson(folder / "localize.json", json);
  SaveOptions(folder, command);
  if (options.json) std::cout << json.dump(2) << "\n";
}

void RunLocalize(LocalizeArguments options, const CLI::App& command, Context& context) {
  std::vector<Dataset> sets;
  if (!options.files.empty()) sets.push_back(SetOfFiles(options.files));
  if (options.files.empty() || !options.input.images.empty()) {
    for (Dataset& set : LoadSets(options.input, context)) sets.push_back(std::move(set));
  }
  options.localize.pass = PassOf(options.input, context);
  if (!options.files.empty()) options.localize.pass.strict = true;
  if (!options.no_pictures) options.localize.keep = ForDrawing;
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    const std::string& descriptor = options.input.networks[i];
    const Model model = LoadOn(context, descriptor, context.console);
    const std::vector<DetectorLayer> layers = MakeDetectors(options, descriptor, model);
    for (const Dataset& set : sets) {
      Path folder = OutFolder(options.input, i);
      if (sets.size() > 1) folder /= FileNameOf(set.name);
      LocalizeSet(options, model, layers, set, folder, command, context);
    }
  }
}

void AddDetectorOptions(CLI::App& command, LocalizeArguments& options) {
  command
      .add_option("--labels", options.labels,
                  "The units' labels: an annotation.json, or the folder of `annotate`")
      ->type_name("FILE|DIR")
      ->capture_default_str();
  command
      .add_option("--record", options.record,
                  "Recording of the network that thresholds and largest activations are taken from")
      ->type_name("FILE|DIR")
      ->capture_default_str();
  command
      .add_option("--fields", options.fields,
                  "Folder of the `rf` run whose receptive fields boxes are grown by; a unit that\n"
                  "was not measured has its layer's mean size")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--min-iou", options.min_iou, "Units whose label fits worse are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("IOU")
      ->capture_default_str();
  command
      .add_option("--min-precision", options.min_precision,
                  "Units whose label is right less often are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      .add_option("--trust", options.trust,
                  "What confidences are weighted by: precision or iou of the unit's label")
      ->check(CLI::IsMember({"precision", "iou"}))
      ->type_name("WHAT")
      ->capture_default_str();
}

}  // namespace

void AddLocalizeCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<LocalizeArguments>();
  options->input.batch = options->localize.pass.batch;
  CLI::App* command = app.add_subcommand(
      "localize", "Scene and objects of pictures from one forward pass each (Figure 10)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  AddDetectorOptions(*command, *options);
  command
      ->add_option("--min-confidence", options->localize.min_confidence,
                   "Objects of less confidence are left out")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--overlap", options->localize.overlap,
                   "Of boxes of one label whose intersection over union is larger, one stays")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("IOU")
      ->capture_default_str();
  command->add_option("--top", options->localize.top, "Scenes reported for each picture")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--boxes", options->boxes, "Objects drawn at most; all are in the JSON")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--no-pictures", options->no_pictures, "Draw nothing");
  command->add_flag("--time", options->localize.time,
                    "Run the bare forward pass beside, and say both times");
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_option("files", options->files, "Pictures")->type_name("FILE");
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunLocalize(*options, *command, context); }; });
}

}  // namespace netdissect
