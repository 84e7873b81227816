#include "report/summary/findings.h"

#include <set>

#include "base/text.h"

namespace netdissect {

std::optional<NamedLayer> TopLayer(const ReadResult& result) {
  if (!result.json.contains("layers") || result.json["layers"].empty()) return std::nullopt;
  const auto last = std::prev(result.json["layers"].end());
  return NamedLayer{last.key(), last.value()};
}

std::string SetNames(const ReadResult& result, const std::string& separator) {
  std::vector<std::string> names;
  for (const Provenance::Images& set : result.provenance.images) names.push_back(set.name);
  return Join(names, separator);
}

const ReadResult* WidestRecord(const Results& results, const std::string& network) {
  const auto size = [](const ReadResult& result) {
    return std::pair(result.provenance.images.size(), result.json.at("layers").size());
  };
  const ReadResult* widest = nullptr;
  for (const ReadResult* record : results.AllOf(ResultKind::kRecord, network)) {
    if (!widest || size(*record) > size(*widest)) widest = record;
  }
  return widest;
}

const std::string& LastSet(const ReadResult& record) {
  return record.provenance.images.back().name;
}

std::optional<double> ShareOfSet(const ReadResult& record, const std::string& layer,
                                 const std::string& set) {
  const Json& layers = record.json.at("layers");
  if (!layers.contains(layer) || !layers[layer].at("set_share").contains(set)) return std::nullopt;
  return layers[layer]["set_share"][set].get<double>();
}

std::optional<double> MeanKept(const ReadResult& simplify) {
  const Json& images = simplify.json.at("images");
  if (images.empty()) return std::nullopt;
  double sum = 0;
  for (const Json& image : images) sum += image.value("kept_fraction", 0.0);
  return sum / static_cast<double>(images.size());
}

std::string FieldSizeText(const ReadResult& fields, const std::string& layer) {
  if (!fields.json.contains("layers") || !fields.json["layers"].contains(layer)) return "";
  const Json& value = fields.json["layers"][layer];
  const auto mean = NumberAt(value, "mean"), deviation = NumberAt(value, "std");
  return mean && deviation ? MeanText(*mean, *deviation) : NumberText(mean, 1);
}

LabelledUnits LabelsOf(const Json& layer) {
  LabelledUnits found;
  std::set<std::string> labels;
  double best = -1, precisions = 0;
  int with_precision = 0;
  for (const Json& unit : layer.at("units")) {
    ++found.units;
    if (!unit.at("label").is_string()) continue;
    ++found.labelled;
    const std::string label = unit["label"];
    labels.insert(label);
    if (unit.contains("source") && unit["source"].is_string()) found.source = unit["source"];
    const auto iou = NumberAt(unit, "iou"), precision = NumberAt(unit, "precision");
    if (precision) {
      precisions += *precision;
      ++with_precision;
    }
    const double fit = iou ? *iou : precision.value_or(0);
    if (fit <= best) continue;
    best = fit;
    found.best =
        fmt::format("unit {}, {} ({})", unit.at("unit").dump(), label,
                    iou ? fmt::format("IoU {:.2f}", *iou) : "precision " + PercentText(precision));
  }
  found.labels = labels.size();
  if (with_precision > 0) found.precision = precisions / with_precision;
  return found;
}

std::string PercentText(std::optional<double> share, int digits) {
  return share ? fmt::format("{:.{}f}%", 100 * *share, digits) : "";
}

std::string NumberText(std::optional<double> number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : "";
}

std::string MeanText(double mean, double deviation) {
  return fmt::format("{:.1f} +- {:.1f}", mean, deviation);
}

}  // namespace netdissect
