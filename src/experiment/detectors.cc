#include "experiment/detectors.h"

#include <optional>

#include "experiment/label_files.h"
#include "netdissect/base/error.h"
#include "netdissect/probe/segmentation.h"
#include "report/measured_field.h"
#include "report/record_report.h"

namespace netdissect {
namespace {

// How far to trust a label; nothing where the unit is left out.
std::optional<double> TrustOf(const DetectorOptions& options, const UnitLabel& label) {
  if (label.label.empty()) return std::nullopt;
  if (label.iou && *label.iou < options.min_iou) return std::nullopt;
  if (label.precision && *label.precision < options.min_precision) return std::nullopt;
  return options.trust_iou || !label.precision ? label.iou : label.precision;
}

std::optional<MeasuredFields> FindFields(const DetectorOptions& options, const NetworkRun& run,
                                         Observer& observer) {
  const auto file =
      FindResult(options.fields, ResultKind::kFields, run.descriptor, run.model.digest);
  if (file) return MeasuredFields(file->parent_path(), run.model.digest);
  observer.Note(
      fmt::format("{}: not there: boxes span the units' positions only; `rf` measures receptive "
                  "fields to grow them by",
                  RunFiles(options.fields).Result(ResultKind::kFields).string()));
  return std::nullopt;
}

}  // namespace

std::vector<DetectorLayer> MakeDetectors(const DetectorOptions& options,
                                         const std::vector<std::string>& layers,
                                         const NetworkRun& run, Observer& observer) {
  const Model& model = run.model;
  const Path label_file =
      RequireResult(options.labels, ResultKind::kLabels, run.descriptor, model.digest);
  const std::vector<LayerLabels> labels =
      LabelsOfLayers(ReadUnitLabels(label_file, model.digest), layers, label_file);
  std::vector<std::string> names;
  for (const LayerLabels& layer : labels) names.push_back(layer.name);
  const Path record_file =
      RequireResult(options.record, ResultKind::kRecord, run.descriptor, model.digest);
  const std::vector<RecordedLayer> recorded = ReadRecordedLayers(record_file, model.digest, names);
  const std::optional<MeasuredFields> fields = FindFields(options, run, observer);
  std::vector<DetectorLayer> detectors;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string& name = names[i];
    const LayerGeometry geometry = GeometryOf(model.network, model.network.Find(name));
    DetectorLayer layer{name, {}};
    for (const UnitLabel& label : labels[i].units) {
      const std::optional<double> trust = TrustOf(options, label);
      if (!trust) continue;
      if (label.unit < 0 || label.unit >= geometry.shape.units) {
        Fail("{}: layer {}: expected units 0 to {}, found {}", label_file.string(), name,
             geometry.shape.units - 1, label.unit);
      }
      const RecordedUnit& unit = recorded[i].units[static_cast<size_t>(label.unit)];
      const double step = geometry.field.y.Pitch();
      layer.units.push_back({label.unit, label.label, *trust, unit.quantile,
                             FullActivation(unit, LabelOptions().top),
                             fields ? fields->SizeOf(name, label.unit) : step});
    }
    observer.Note(fmt::format("{}: {} of {} units have a label that is used", name,
                              layer.units.size(), geometry.shape.units));
    detectors.push_back(std::move(layer));
  }
  return detectors;
}

}  // namespace netdissect
