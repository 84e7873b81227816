#include "report/label_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "netdissect/base/error.h"
#include "report/plot.h"
#include "report/provenance.h"

namespace netdissect {
namespace {

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<double> NumberOrNull(const Json& unit, const char* key) {
  if (!unit.contains(key) || unit[key].is_null()) return std::nullopt;
  return unit[key].get<double>();
}

std::string TextOrNull(const Json& unit, const char* key) {
  return unit.contains(key) && !unit[key].is_null() ? unit[key].get<std::string>() : "";
}

UnitLabel UnitFromJson(const Json& json) {
  UnitLabel unit;
  unit.unit = json.at("unit").get<int>();
  unit.label = TextOrNull(json, "label");
  unit.precision = NumberOrNull(json, "precision");
  unit.group = TextOrNull(json, "group");
  unit.iou = NumberOrNull(json, "iou");
  unit.threshold = NumberOrNull(json, "threshold").value_or(0);
  if (json.contains("annotators")) {
    const Json& people = json["annotators"];  // their number, or who they are
    unit.annotators = people.is_array() ? static_cast<int>(people.size()) : people.get<int>();
  }
  if (json.contains("best")) {
    for (const Json& match : json["best"]) {
      unit.best.push_back({match.at("object").get<std::string>(), match.at("iou").get<double>()});
    }
  }
  return unit;
}

}  // namespace

Json ToJson(const std::vector<LayerLabels>& layers) {
  Json json = Json::object();
  for (const LayerLabels& layer : layers) {
    Json units = Json::array();
    for (const UnitLabel& unit : layer.units) {
      Json item = {{"unit", unit.unit},
                   {"label", unit.label.empty() ? Json(nullptr) : Json(unit.label)},
                   {"precision", OrNull(unit.precision)},
                   {"group", unit.group.empty() ? Json(nullptr) : Json(unit.group)},
                   {"iou", OrNull(unit.iou)},
                   {"annotators", unit.annotators}};
      if (unit.iou) {
        Json best = Json::array();
        for (const ObjectMatch& match : unit.best) {
          best.push_back({{"object", match.object}, {"iou", match.iou}});
        }
        item["threshold"] = unit.threshold;
        item["best"] = std::move(best);
      }
      units.push_back(std::move(item));
    }
    json[layer.name] = {{"units", std::move(units)}};
  }
  return json;
}

std::vector<LayerLabels> ReadUnitLabels(const Path& file, const std::string& network_digest) {
  const Json json = ReadJson(file);
  try {
    const Json& network = json.at("netdissect").at("network");
    if (network.at("digest").get<std::string>() != network_digest) {
      Fail("{}: expected labels of the network with digest {}, found those of {} ({})",
           file.string(), network_digest, network.at("name").get<std::string>(),
           network.at("digest").get<std::string>());
    }
    std::vector<LayerLabels> layers;
    for (const auto& [name, value] : json.at("layers").items()) {
      LayerLabels& layer = layers.emplace_back();
      layer.name = name;
      for (const Json& unit : value.at("units")) layer.units.push_back(UnitFromJson(unit));
    }
    return layers;
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected labels of units as `annotate` writes them: {}", file.string(), error.what());
  }
}

Json ToJson(const UnitLabelsResult& result, const LabelOptions& options) {
  Json objects = Json::array();
  for (const ObjectCount& object : result.objects) {
    objects.push_back(
        {{"name", object.name}, {"images", object.images}, {"pixels", object.pixels}});
  }
  Json layers = ToJson(result.layers);
  for (const LayerLabels& layer : result.layers) {
    const LabelCount count = CountLabels(layer, options.min_iou);
    layers[layer.name]["labelled"] = count.units;
    layers[layer.name]["different"] = count.objects;
  }
  return {{"annotated", result.annotated},
          {"unannotated", result.unannotated},
          {"skipped", ToJson(result.skipped)},
          {"seconds", result.seconds},
          {"min_iou", options.min_iou},
          {"min_images", options.min_images},
          {"top", options.top},
          {"objects", std::move(objects)},
          {"layers", std::move(layers)}};
}

LabelCount CountLabels(const LayerLabels& layer, double min_iou) {
  LabelCount count;
  std::set<std::string> objects;
  for (const UnitLabel& unit : layer.units) {
    if (unit.best.empty() || unit.best.front().iou < min_iou) continue;
    ++count.units;
    objects.insert(unit.best.front().object);
  }
  count.objects = static_cast<int>(objects.size());
  return count;
}

Table LabelCountTable(const std::vector<NetworkLabels>& networks) {
  Table table;
  table.header = {"network", "layer"};
  for (const char* text : {"units", "IoU >= 0.04", "objects", "IoU >= 0.15", "objects"}) {
    table.header.emplace_back(text);
  }
  for (const NetworkLabels& network : networks) {
    for (const LayerLabels& layer : network.layers) {
      std::vector<std::string> row = {network.network, layer.name,
                                      fmt::format("{}", layer.units.size())};
      for (const double bound : {0.04, 0.15}) {
        const LabelCount count = CountLabels(layer, bound);
        row.push_back(fmt::format("{}", count.units));
        row.push_back(fmt::format("{}", count.objects));
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table BestUnitTable(const std::vector<LayerLabels>& layers, size_t count) {
  std::vector<std::pair<const LayerLabels*, const UnitLabel*>> units;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) units.emplace_back(&layer, &unit);
  }
  std::stable_sort(units.begin(), units.end(), [](const auto& a, const auto& b) {
    return a.second->iou.value_or(0) > b.second->iou.value_or(0);
  });
  if (count > 0) units.resize(std::min(units.size(), count));
  Table table;
  table.header = {"layer", "unit", "best object", "IoU", "precision", "label", "next best"};
  for (const auto& [layer, unit] : units) {
    const bool has_next = unit->best.size() > 1;
    table.rows.push_back(
        {layer->name, fmt::format("{}", unit->unit), unit->best.empty() ? "" : unit->best[0].object,
         unit->iou ? fmt::format("{:.3f}", *unit->iou) : "",
         unit->precision ? fmt::format("{:.0f}%", 100 * *unit->precision) : "", unit->label,
         has_next ? fmt::format("{} {:.3f}", unit->best[1].object, unit->best[1].iou) : ""});
  }
  return table;
}

Drawing DrawLabels(const std::string& network, const LayerLabels& layer) {
  constexpr int kBins = 40;
  std::map<std::string, int> count_of;
  std::vector<double> ious;
  double largest = 0.1;
  for (const UnitLabel& unit : layer.units) {
    if (!unit.label.empty()) ++count_of[unit.label];
    ious.push_back(unit.iou.value_or(0));
    largest = std::max(largest, ious.back());
  }
  std::vector<std::pair<std::string, double>> bars(count_of.begin(), count_of.end());
  std::stable_sort(bars.begin(), bars.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Plot axes;
  axes.title = "How well units fit their best object";
  axes.x = "intersection over union";
  axes.y = "units";
  const Plot fits = Histogram(std::move(axes), ious, kBins, 0, std::ceil(largest * 20) / 20);
  return Framed(Beside(
      {DrawBars(fmt::format("{}, {}: units by label", network, layer.name), bars), DrawPlot(fits)},
      16));
}

}  // namespace netdissect
