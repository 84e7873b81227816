#include "experiment/evaluate.h"

#include <algorithm>

#include "base/text.h"
#include "experiment/kept_pass.h"
#include "experiment/label_files.h"
#include "experiment/truth_masks.h"
#include "experiment/unit_sheet.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "report/drawing.h"
#include "report/figure.h"
#include "report/label_report.h"
#include "report/quality_report.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

// Figure 11a: the objects found best, on the images of highest activation that show them.
cv::Mat DrawExamples(const EvaluateExperiment& options, const Model& model,
                     const RecordResult& record, const UnitQualityResult& result,
                     Observer& observer) {
  constexpr size_t kImages = 6;
  const TruthMasks truth(record.images);
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
  return DrawUnitSheet(model, record.images, rows, options.pass, observer,
                       [&](size_t row, int64_t image) { return truth.MaskOf(image, labels[row]); });
}

void SavePictures(const EvaluateExperiment& options, const NetworkRun& run,
                  const RecordResult& record, const UnitQualityResult& result, Observer& observer) {
  constexpr int kMostCurves = 6;
  const RunFiles& files = run.folder.files();
  WriteDrawing(files.PrecisionRecall(""),
               DrawCurves(result, static_cast<size_t>(std::min(options.examples, kMostCurves))));
  WriteDrawing(files.ApHistogram(""), DrawApHistogram(result));
  if (options.examples == 0) return;
  WritePng(files.Examples(), DrawExamples(options, run.model, record, result, observer));
}

EvaluateRun EvaluateNetwork(const EvaluateExperiment& options, const NetworkRun& run,
                            const ImageSets& images, Observer& observer) {
  const RunFiles& files = run.folder.files();
  const Model& model = run.model;
  const Path label_file =
      RequireResult(options.labels, ResultKind::kLabels, run.descriptor, model.digest);
  const std::vector<LayerLabels> labels =
      LabelsOfLayers(ReadUnitLabels(label_file, model.digest), options.layers, label_file);
  std::vector<std::string> layers;
  for (const LayerLabels& layer : labels) layers.push_back(layer.name);
  RecordingOptions recording = options.recording;
  // Labels by ground truth have a recording of the same images beside them.
  const Path beside = label_file.parent_path();
  if (!options.record_given && Exists(RunFiles(beside).Result(ResultKind::kRecord))) {
    recording.folder = beside.string();
  }
  const RecordResult record = FindOrMakeRecord(options, recording, run, images, layers, observer);
  const Provenance provenance = ProvenanceOf(options, "evaluate", model, images, observer, true);
  KeptPass kept(options, run.folder.path(), "quality", provenance,
                {{"labels", ToJson(labels)},
                 {"record", DigestOf(record)},
                 {"levels", options.quality.levels},
                 {"seed", options.seed}},
                observer);
  QualityOptions quality = options.quality;
  quality.seed = options.seed;
  quality.pass = kept.options();
  const UnitQualityResult result = EvaluateUnits(model, images, record, labels, quality, observer);
  ReportSkipped(observer, result.skipped);
  if (!result.unknown.empty()) {
    observer.Warning(fmt::format("left out, since no annotated object bears the name: {}",
                                 Join(result.unknown)));
  }
  observer.Note(fmt::format("{}: {} annotated images in {}, peak memory {}", model.name,
                            result.annotated, FormatDuration(result.seconds),
                            FormatBytes(PeakMemory())));
  UnfinishedResult unfinished(files, ResultKind::kQuality, provenance);
  unfinished.Begin();
  WriteFile(files.QualityTable(), QualityTable(result).Csv());
  if (!result.objects.empty()) SavePictures(options, run, record, result, observer);
  Json body = ToJson(result, quality);
  body["labels"] = label_file.string();
  unfinished.Finish(body);
  kept.Finish();
  SaveOptions(options, files);
  return {model.name, unfinished.file(), ObjectTable(result)};
}

}  // namespace

std::vector<EvaluateRun> RunEvaluate(const EvaluateExperiment& options, Observer& observer) {
  options.quality.Validate();
  const ImageSets images = LoadImageSets(options);
  std::vector<EvaluateRun> runs;
  ForEachNetwork(options, "evaluate", observer, [&](const NetworkRun& run) {
    runs.push_back(EvaluateNetwork(options, run, images, observer));
  });
  return runs;
}

}  // namespace netdissect
