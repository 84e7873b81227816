#include "report/label_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/json_number.h"
#include "netdissect/base/error.h"
#include "report/plot.h"
#include "report/provenance.h"
#include "report/taxonomy_json.h"
#include "study/consensus.h"

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

constexpr std::array<std::pair<LabelSource, const char*>, 3> kSources = {{
    {LabelSource::kGroundTruth, "ground truth"},
    {LabelSource::kPeople, "people"},
    {LabelSource::kPublished, "published"},
}};

LabelSource SourceFrom(const Json& unit) {
  // Of a file that does not say so, only ground truth knows of intersections.
  if (!unit.contains("source")) {
    const bool is_matched = unit.contains("iou") && !unit["iou"].is_null();
    return is_matched ? LabelSource::kGroundTruth : LabelSource::kPeople;
  }
  const std::string name = unit["source"].get<std::string>();
  for (const auto& [source, its_name] : kSources) {
    if (name == its_name) return source;
  }
  Fail("key \"source\": expected ground truth, people or published, found {}", name);
}

Json AnswerJson(const UnitAnswer& answer) {
  return {{"annotator", answer.annotator},
          {"label", answer.label},
          {"group", answer.group},
          {"precision", answer.precision},
          {"shown", answer.shown == 0 ? Json(nullptr) : Json(answer.shown)},
          {"crossed", answer.crossed ? Json(*answer.crossed) : Json(nullptr)}};
}

UnitAnswer AnswerFromJson(const Json& json) {
  UnitAnswer answer;
  answer.annotator = json.at("annotator").get<std::string>();
  answer.label = json.at("label").get<std::string>();
  answer.group = json.at("group").get<std::string>();
  answer.precision = json.at("precision").get<double>();
  answer.shown = json.at("shown").is_null() ? 0 : WholeNumber<int>(json["shown"]);
  if (!json.at("crossed").is_null()) answer.crossed = json["crossed"].get<std::vector<int>>();
  return answer;
}

Json UnitJson(const UnitLabel& unit) {
  Json item = {{"unit", unit.unit},
               {"label", unit.label.empty() ? Json(nullptr) : Json(unit.label)},
               {"precision", OrNull(unit.precision)},
               {"group", unit.group.empty() ? Json(nullptr) : Json(unit.group)},
               {"iou", OrNull(unit.iou)},
               {"annotators", unit.annotators},
               {"source", kSources[static_cast<size_t>(unit.source)].second}};
  if (unit.iou) {
    Json best = Json::array();
    for (const ObjectMatch& match : unit.best) {
      best.push_back({{"object", match.object}, {"iou", match.iou}});
    }
    item["threshold"] = unit.threshold;
    item["best"] = std::move(best);
  }
  if (!unit.answers.empty()) {
    const std::optional<ProportionInterval> interval = PrecisionInterval(unit.answers);
    item["interval"] = interval ? Json{interval->low, interval->high} : Json(nullptr);
    item["second_look"] = DoubtOf(unit.answers).any();
    for (const UnitAnswer& answer : unit.answers) item["answers"].push_back(AnswerJson(answer));
  }
  for (const UnitLabel& truth : unit.ground_truth) item["ground_truth"] = UnitJson(truth);
  return item;
}

UnitLabel UnitFromJson(const Json& json) {
  UnitLabel unit;
  unit.unit = WholeNumber<int>(json.at("unit"));
  unit.label = TextOrNull(json, "label");
  unit.precision = NumberOrNull(json, "precision");
  unit.group = TextOrNull(json, "group");
  unit.iou = NumberOrNull(json, "iou");
  unit.threshold = NumberOrNull(json, "threshold").value_or(0);
  unit.source = SourceFrom(json);
  if (json.contains("annotators")) {
    const Json& people = json["annotators"];  // their number, or who they are
    unit.annotators =
        people.is_array() ? static_cast<int>(people.size()) : WholeNumber<int>(people);
  }
  if (json.contains("best")) {
    for (const Json& match : json["best"]) {
      unit.best.push_back({match.at("object").get<std::string>(), match.at("iou").get<double>()});
    }
  }
  if (json.contains("answers")) {
    for (const Json& answer : json["answers"]) unit.answers.push_back(AnswerFromJson(answer));
  }
  if (json.contains("ground_truth")) unit.ground_truth = {UnitFromJson(json["ground_truth"])};
  return unit;
}

}  // namespace

Json ToJson(const std::vector<LayerLabels>& layers) {
  Json json = Json::object();
  for (const LayerLabels& layer : layers) {
    Json units = Json::array();
    for (const UnitLabel& unit : layer.units) units.push_back(UnitJson(unit));
    json[layer.name] = {{"units", std::move(units)}};
  }
  return json;
}

LabelFile ReadLabelFile(const Path& file) {
  const Json json = ReadJson(file);
  LabelFile labels;
  try {
    const Json& network = json.at("netdissect").at("network");
    labels.network = network.at("name").get<std::string>();
    labels.digest = network.at("digest").get<std::string>();
    if (json.contains("taxonomy")) labels.taxonomy = TaxonomyFrom(json["taxonomy"]);
    for (const auto& [name, value] : json.at("layers").items()) {
      LayerLabels& layer = labels.layers.emplace_back();
      layer.name = name;
      for (const Json& unit : value.at("units")) layer.units.push_back(UnitFromJson(unit));
    }
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected labels of units as `annotate` writes them: {}", file.string(), error.what());
  } catch (const Error& error) {
    Fail("{}: {}", file.string(), error.what());
  }
  return labels;
}

std::vector<LayerLabels> ReadUnitLabels(const Path& file, const std::string& network_digest) {
  LabelFile labels = ReadLabelFile(file);
  if (labels.digest != network_digest) {
    Fail("{}: expected labels of the network with digest {}, found those of {} ({})", file.string(),
         network_digest, labels.network,
         labels.digest.empty() ? "whose digest is not known: `annotate import --network` gives it"
                               : labels.digest);
  }
  return std::move(labels.layers);
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
  return {{"annotated", result.annotated},     {"unannotated", result.unannotated},
          {"out_of_view", result.out_of_view}, {"skipped", ToJson(result.skipped)},
          {"seconds", result.seconds},         {"min_iou", options.min_iou},
          {"min_images", options.min_images},  {"top", options.top},
          {"objects", std::move(objects)},     {"layers", std::move(layers)}};
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
