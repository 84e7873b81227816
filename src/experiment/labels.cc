#include "experiment/labels.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "data/object_names.h"
#include "experiment/kept_pass.h"
#include "experiment/unit_sheet.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "report/drawing.h"
#include "report/figure.h"
#include "report/label_report.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

constexpr char kCommand[] = "annotate auto";

// The units that fit their objects best, with their top images.
cv::Mat DrawBestUnits(const LabelExperiment& options, const Model& model,
                      const RecordResult& record, const UnitLabelsResult& result,
                      Observer& observer) {
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
  return DrawUnitSheet(model, record.images, rows, options.pass, observer);
}

// Annotated masks are of objects, unless a set says of which group they are.
void SetGroups(const ImageSets& images, std::vector<LayerLabels>& layers) {
  std::map<std::string, std::string> group_of;
  for (const Dataset& set : images.sets()) {
    const Path file = set.annotations ? set.annotations->groups : Path();
    if (file.empty()) continue;
    const Path& aliases = set.annotations->aliases;
    const ObjectNames names = aliases.empty() ? ObjectNames() : ObjectNames(aliases);
    const Json groups = ReadJson(file);
    if (!groups.is_object()) Fail("{}: expected an object of names and groups", file.string());
    for (const auto& [name, group] : groups.items()) {
      if (!group.is_string()) {
        Fail("{}: key \"{}\": expected its group, found {}", file.string(), name, Shown(group));
      }
      const auto [known, is_new] = group_of.emplace(names.Normalize(name), group);
      if (is_new || known->second == group) continue;
      Fail("{}: key \"{}\": expected group {} as said before, found {}", file.string(), name,
           known->second, Shown(group));
    }
  }
  for (LayerLabels& layer : layers) {
    for (UnitLabel& unit : layer.units) {
      const auto known = group_of.find(unit.label);
      if (known != group_of.end()) unit.group = known->second;
    }
  }
}

LabelRun LabelNetwork(const LabelExperiment& options, const NetworkRun& run,
                      const ImageSets& images, Observer& observer) {
  const RunFiles& files = run.folder.files();
  const Path file = files.Result(ResultKind::kLabels);
  RequireNoOthersLabels(file, kCommand, options.force);
  const Model& model = run.model;
  const RecordResult record = FindOrMakeRecord(options, options.recording, run, images,
                                               LayersOrLast(options, model.network), observer);
  const Provenance provenance = ProvenanceOf(options, kCommand, model, images, observer, true);
  KeptPass kept(options, run.folder.path(), "labels", provenance,
                {{"record", DigestOf(record)}, {"top", options.label.top}}, observer);
  LabelOptions label = options.label;
  label.pass = kept.options();
  UnitLabelsResult result = LabelUnits(model, images, record, label, observer);
  SetGroups(images, result.layers);
  ReportSkipped(observer, result.skipped);
  const int64_t peak = PeakMemory();
  observer.Note(fmt::format("{}: {} annotated images in {} ({:.1f}/s), peak memory {}", model.name,
                            result.annotated, FormatDuration(result.seconds),
                            static_cast<double>(result.annotated) / result.seconds,
                            FormatBytes(peak)));
  UnfinishedResult unfinished(files, ResultKind::kLabels, provenance);
  unfinished.Begin();
  WriteFile(files.LabelTable(), BestUnitTable(result.layers, 0).Csv());
  const LayerFiles layer_files(files.folder(), model.network);
  for (const LayerLabels& layer : result.layers) {
    WriteDrawing(layer_files.LabelPlot(layer.name, ""), DrawLabels(model.name, layer));
  }
  if (options.sheet > 0) {
    WritePng(files.BestUnits(), DrawBestUnits(options, model, record, result, observer));
  }
  Json body = ToJson(result, label);
  body["peak_memory"] = peak;
  unfinished.Finish(body);
  kept.Finish();
  SaveOptions(options, files);
  return {model.name, file, result.layers};
}

}  // namespace

void RequireNoOthersLabels(const Path& file, const std::string& command, bool force) {
  if (force || !Exists(file)) return;
  const std::string found = ReadHeader(file).provenance.command;
  if (found == command) return;
  Fail(
      "{}: expected no labels but those of `{}`, found those of `{}`; give another --out, or "
      "--force to replace them",
      file.string(), command, found.empty() ? "another program" : found);
}

std::vector<LabelRun> RunLabels(const LabelExperiment& options, Observer& observer) {
  options.label.Validate();
  const ImageSets images = LoadImageSets(options);
  std::vector<LabelRun> runs;
  ForEachNetwork(options, kCommand, observer, [&](const NetworkRun& run) {
    runs.push_back(LabelNetwork(options, run, images, observer));
  });
  return runs;
}

}  // namespace netdissect
