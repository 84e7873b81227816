#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/data/annotation.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/label_report.h"
#include "netdissect/report/quality_report.h"
#include "recording.h"
#include "unit_sheet.h"

namespace netdissect {
namespace {

struct EvaluateArguments {
  InputOptions input;
  RecordingOptions recording;
  QualityOptions quality;
  std::string labels = "runs/annotate";
  int examples = 8;
  bool json = false;
};

// The labels of the layers asked for, or of all that have some.
std::vector<LayerLabels> ChooseLabels(const EvaluateArguments& options, const Path& file,
                                      const Model& model) {
  std::vector<LayerLabels> all = ReadUnitLabels(file, model.digest);
  if (options.input.layers.empty()) return all;
  std::vector<LayerLabels> chosen;
  for (const std::string& name : options.input.layers) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const LayerLabels& layer) { return layer.name == name; });
    if (found == all.end()) {
      std::vector<std::string> names;
      for (const LayerLabels& layer : all) names.push_back(layer.name);
      Fail("{}: expected labels of layer {}, found those of {}", file.string(), name, Join(names));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

// What an object covers on recorded images.
class Truth {
 public:
  explicit Truth(const ImageSets& images) : images_(images) {
    for (const Dataset& set : images.sets()) {
      readers_.push_back(std::make_unique<AnnotationReader>(set));
    }
  }

  /// 8-bit, not 0 where an object of that name is seen; empty where none is, or nothing is known.
  cv::Mat MaskOf(int64_t image, const std::string& label) const {
    const auto set = static_cast<size_t>(images_.SetOf(image));
    const auto annotation = readers_[set]->Read(static_cast<size_t>(images_.IndexInSet(image)));
    if (!annotation) return {};
    const cv::Mat visible = VisibleObjects(*annotation, annotation->height, annotation->width);
    cv::Mat mask = cv::Mat::zeros(visible.size(), CV_8U);
    for (size_t i = 0; i < annotation->objects.size(); ++i) {
      if (annotation->objects[i].name == label) mask |= visible == static_cast<int>(i);
    }
    return cv::countNonZero(mask) > 0 ? mask : cv::Mat();
  }

 private:
  const ImageSets images_;
  std::vector<std::unique_ptr<AnnotationReader>> readers_;
};

// Figure 11a: the objects found best, on the images of highest activation that show them.
cv::Mat DrawExamples(const EvaluateArguments& options, const Model& model,
                     const RecordResult& record, const UnitQualityResult& result,
                     Console& console) {
  constexpr size_t kImages = 6;
  const Truth truth(record.images);
  std::vector<SheetRow> rows;
  std::vector<std::string> labels;
  for (const ObjectQuality& object : result.objects) {
    if (rows.size() == static_cast<size_t>(options.examples)) break;
    const UnitQuality& unit = BestUnit(result, object);
    SheetRow row;
    row.layer = object.layer;
    row.unit = object.unit;
    row.level = options.quality.threshold * unit.largest;
    row.caption = fmt::format("{}: J = {:.3f}, AP = {:.3f} ({} unit {})", object.label,
                              unit.jaccard, unit.ap, object.layer, object.unit);
    const auto layer =
        std::find_if(record.layers.begin(), record.layers.end(),
                     [&](const RecordedLayer& recorded) { return recorded.name == object.layer; });
    for (const UnitResponse& response : layer->units[static_cast<size_t>(object.unit)].top) {
      if (row.images.size() == kImages) break;
      if (!truth.MaskOf(response.image, object.label).empty()) row.images.push_back(response.image);
    }
    if (row.images.empty()) continue;
    rows.push_back(std::move(row));
    labels.push_back(object.label);
  }
  PassOptions pass;
  pass.batch = options.input.batch;
  return DrawUnitSheet(model, record.images, rows, pass, console,
                       [&](size_t row, int64_t image) { return truth.MaskOf(image, labels[row]); });
}

void RunOne(const EvaluateArguments& options, size_t index, const std::vector<Dataset>& sets,
            const CLI::App& command, Context& context) {
  const std::string& descriptor = options.input.networks[index];
  const Path folder = OutFolder(options.input, index);
  RequireWritableFolder(folder);
  const Model model = LoadOn(context, descriptor, context.console);
  const Path file = ResultFile(options.labels, descriptor, "annotation.json", "annotate");
  const std::vector<LayerLabels> labels = ChooseLabels(options, file, model);
  std::vector<std::string> layers;
  for (const LayerLabels& layer : labels) layers.push_back(layer.name);
  const Provenance provenance = ProvenanceOf(command, context, model, sets);
  RecordingOptions recording = options.recording;
  // Labels by ground truth have a recording of the same images beside them.
  if (command.get_option("--record")->count() == 0 &&
      std::filesystem::exists(file.parent_path() / "record.json")) {
    recording.folder = file.parent_path().string();
  }
  const RecordResult record = FindOrMakeRecord(options.input, recording, descriptor, folder, model,
                                               sets, layers, provenance, context);
  QualityOptions quality = options.quality;
  quality.seed = context.seed;
  quality.pass = PassOf(options.input, context);
  const UnitQualityResult result =
      EvaluateUnits(model, sets, record, labels, quality, context.console);
  context.console.EndLine();
  ReportSkipped(context.console, result.skipped);
  if (!result.unknown.empty()) {
    context.console.Warning(fmt::format("left out, since no annotated object bears the name: {}",
                                        Join(result.unknown)));
  }
  spdlog::info("{}: {} annotated images in {}, peak memory {}", model.name, result.annotated,
               FormatDuration(result.seconds), FormatBytes(PeakMemory()));
  WriteFile(folder / "quality.csv", QualityTable(result).Csv());
  if (!result.objects.empty()) {
    WritePng(folder / "evaluate" / "precision_recall.png",
             DrawCurves(result, static_cast<size_t>(std::min(options.examples, 6))));
    WritePng(folder / "evaluate" / "ap_histogram.png", DrawApHistogram(result));
    if (options.examples > 0) {
      WritePng(folder / "evaluate" / "examples.png",
               DrawExamples(options, model, record, result, context.console));
    }
  }
  Json body = ToJson(result, quality);
  body["labels"] = file.string();
  const Json json = WithHeader(provenance, body);
  WriteJson(folder / "evaluate.json", json);
  SaveOptions(folder, command);
  if (options.json) {
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << model.name << ": objects by the unit that finds them best\n"
              << ObjectTable(result).Text();
  }
}

void RunEvaluate(const EvaluateArguments& options, const CLI::App& command, Context& context) {
  options.quality.Validate();
  const std::vector<Dataset> sets = LoadSets(options.input, context);
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    RunOne(options, i, sets, command, context);
  }
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<EvaluateArguments>();
  CLI::App* command = app.add_subcommand(
      "evaluate", "Units as segmenters of the objects they are named after (Figure 11)");
  AddNetworkOption(*command, options->input);
  AddImagesOption(*command, options->input);
  AddLayerOption(*command, options->input);
  command
      ->add_option("--labels", options->labels,
                   "The units' labels: an annotation.json, or the folder of `annotate`")
      ->type_name("PATH")
      ->capture_default_str();
  command
      ->add_option("--threshold", options->quality.threshold,
                   "Share of a unit's largest activation above which a pixel is its object")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  command
      ->add_option("--levels", options->quality.levels, "Steps of activation that are told apart")
      ->check(CLI::Range(2, 1 << 20))
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--examples", options->examples,
                   "Objects shown in evaluate/examples.png, best first; 0 = none")
      ->check(CLI::Range(0, 100))
      ->type_name("N")
      ->capture_default_str();
  AddRecordOption(*command, options->recording);
  AddReadingOptions(*command, options->input);
  AddOutOption(*command, options->input);
  command->add_flag("--json", options->json, "The result as JSON on standard output");
  command->callback(
      [=, &context] { context.run = [=, &context] { RunEvaluate(*options, *command, context); }; });
}

}  // namespace netdissect
