#include "experiment/emergence_sheet.h"

#include <algorithm>
#include <numeric>

#include "experiment/unit_sheet.h"

namespace netdissect {
namespace {

struct ObjectUnit {
  const RecordedLayer* layer = nullptr;
  const UnitLabel* label = nullptr;
};

double Quality(const ObjectUnit& detector) {
  return detector.label->iou.value_or(detector.label->precision.value_or(0));
}

std::vector<ObjectUnit> DetectorsOf(const std::string& object, const RecordResult& record,
                                    const std::vector<LayerLabels>& labels) {
  std::vector<ObjectUnit> detectors;
  for (const LayerLabels& layer : labels) {
    const auto recorded =
        std::find_if(record.layers.begin(), record.layers.end(),
                     [&](const RecordedLayer& each) { return each.name == layer.name; });
    if (recorded == record.layers.end()) continue;
    for (const UnitLabel& unit : layer.units) {
      if (unit.label == object && static_cast<size_t>(unit.unit) < recorded->units.size()) {
        detectors.push_back({&*recorded, &unit});
      }
    }
  }
  std::stable_sort(
      detectors.begin(), detectors.end(),
      [](const ObjectUnit& a, const ObjectUnit& b) { return Quality(a) > Quality(b); });
  return detectors;
}

SheetRow RowOf(const std::string& object, size_t units, const ObjectUnit& detector) {
  constexpr size_t kImages = 8;
  const UnitLabel& label = *detector.label;
  const RecordedUnit& recorded = detector.layer->units[static_cast<size_t>(label.unit)];
  SheetRow row;
  row.layer = detector.layer->name;
  row.unit = label.unit;
  row.level = label.threshold > 0 ? label.threshold : recorded.quantile;
  row.caption = fmt::format("{} ({} of the units): {} unit {}", object, units, row.layer, row.unit);
  if (label.iou) row.caption += fmt::format(", IoU {:.3f}", *label.iou);
  if (label.precision) row.caption += fmt::format(", precision {:.0f}%", 100 * *label.precision);
  for (const UnitResponse& response : recorded.top) {
    if (row.images.size() == kImages) break;
    row.images.push_back(response.image);
  }
  return row;
}

}  // namespace

cv::Mat DrawEmergenceSheet(const Model& model, const RecordResult& record,
                           const std::vector<LayerLabels>& labels, const EmergenceResult& result,
                           const NetworkEmergence& network, int objects, const PassOptions& pass,
                           Observer& observer) {
  constexpr size_t kUnits = 3;
  std::vector<size_t> order(result.objects.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return network.units[a] > network.units[b]; });
  order.resize(std::min(order.size(), static_cast<size_t>(objects)));
  std::vector<SheetRow> rows;
  for (const size_t place : order) {
    const std::string& object = result.objects[place].name;
    const std::vector<ObjectUnit> detectors = DetectorsOf(object, record, labels);
    for (size_t i = 0; i < std::min(kUnits, detectors.size()); ++i) {
      rows.push_back(RowOf(object, detectors.size(), detectors[i]));
    }
  }
  return rows.empty() ? cv::Mat() : DrawUnitSheet(model, record.images, rows, pass, observer);
}

}  // namespace netdissect
