#include "netdissect/report/label_report.h"

#include <set>

#include "netdissect/base/error.h"

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

}  // namespace netdissect
