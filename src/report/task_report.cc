#include "report/task_report.h"

#include <algorithm>

#include "base/digest.h"
#include "base/json_number.h"
#include "netdissect/base/error.h"
#include "report/page.h"
#include "report/taxonomy_json.h"

namespace netdissect {
namespace {

constexpr int kTaskFormat = 1;

Json ToJson(const TaskUnit& unit) {
  Json tiles = Json::array();
  for (const TaskTile& tile : unit.tiles) {
    tiles.push_back({{"image", tile.image},
                     {"set", tile.set},
                     {"value", tile.value},
                     {"area", tile.area},
                     {"negative", tile.negative}});
  }
  return {{"layer", unit.layer},
          {"unit", unit.unit},
          {"sheet", unit.sheet},
          {"salt", unit.salt},
          {"tiles", std::move(tiles)}};
}

TaskUnit UnitFrom(const Json& json) {
  TaskUnit unit;
  unit.layer = json.at("layer").get<std::string>();
  unit.unit = WholeNumber<int>(json.at("unit"));
  unit.sheet = json.at("sheet").get<std::string>();
  unit.salt = json.at("salt").get<std::string>();
  for (const Json& tile : json.at("tiles")) {
    unit.tiles.push_back({tile.at("image").get<std::string>(), tile.at("set").get<std::string>(),
                          tile.at("value").get<float>(), tile.at("area").get<double>(),
                          tile.at("negative").get<bool>()});
  }
  return unit;
}

// A result from elsewhere must not lead out of its folder.
bool IsSheetName(const std::string& sheet) {
  const std::string folder = "sheets/";
  return sheet.rfind(folder, 0) == 0 &&
         FileNameOf(sheet.substr(folder.size())) == sheet.substr(folder.size());
}

}  // namespace

Json ToJson(const AnnotationTask& task) {
  Json units = Json::array();
  for (const TaskUnit& unit : task.units) units.push_back(ToJson(unit));
  return {{"task", task.id},
          {"network", {{"name", task.network}, {"digest", task.network_digest}}},
          {"taxonomy", ToJson(task.taxonomy)},
          {"names", task.names},
          {"columns", task.layout.columns},
          {"tile", task.layout.size},
          {"units", std::move(units)}};
}

std::string IdOf(const AnnotationTask& task) {
  AnnotationTask content = task;
  content.id.clear();
  Digest digest;
  digest.Add(ToJson(content).dump(-1, ' ', true, Json::error_handler_t::replace));
  return digest.Hex();
}

AnnotationTask ReadTask(const Path& file) {
  const Json json = ReadJson(file);
  AnnotationTask task;
  try {
    task.id = json.at("task").get<std::string>();
    const Json& network = json.at("network");
    task.network = network.at("name").get<std::string>();
    task.network_digest = network.at("digest").get<std::string>();
    task.taxonomy = TaxonomyFrom(json.at("taxonomy"));
    task.names = json.at("names").get<std::vector<std::string>>();
    task.layout = {WholeNumber<int>(json.at("columns")), WholeNumber<int>(json.at("tile"))};
    for (const Json& unit : json.at("units")) task.units.push_back(UnitFrom(unit));
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected what `annotate export` writes: {}", file.string(), error.what());
  }
  if (const std::string id = IdOf(task); id != task.id) {
    Fail("{}: expected what `annotate export` wrote, with the digest {}, found {}: it was changed",
         file.string(), task.id, id);
  }
  for (const TaskUnit& unit : task.units) {
    if (!IsSheetName(unit.sheet)) {
      Fail("{}: {} unit {}: expected its sheet as sheets/NAME, found \"{}\"", file.string(),
           unit.layer, unit.unit, unit.sheet);
    }
  }
  return task;
}

Json ToJson(const Answer& answer) {
  return {{"id", answer.id},
          {"task", answer.task},
          {"layer", answer.layer},
          {"unit", answer.unit},
          {"annotator", answer.annotator},
          {"label", answer.label},
          {"group", answer.group},
          {"crossed", answer.crossed},
          {"skipped", answer.skipped.empty() ? Json(nullptr) : Json(answer.skipped)},
          {"seconds", answer.seconds},
          {"time", answer.time}};
}

Answer AnswerFrom(const Json& json, const std::string& where) {
  Answer answer;
  if (!json.is_object()) Fail("{}: expected an answer, an object, found {}", where, Shown(json));
  const auto text = [&](const char* key, bool required) -> std::string {
    if (!json.contains(key) || json[key].is_null()) {
      if (required) Fail("{}: key \"{}\": expected text, found nothing", where, key);
      return "";
    }
    if (!json[key].is_string()) {
      Fail("{}: key \"{}\": expected text, found {}", where, key, Shown(json[key]));
    }
    return json[key].get<std::string>();
  };
  const auto integer = [&](const char* key, const Json& value) {
    const bool small = value.is_number_integer() && value >= -1 && value <= 1000000000;
    if (!small) {
      Fail("{}: key \"{}\": expected a whole number, found {}", where, key, Shown(value));
    }
    return WholeNumber<int>(value);
  };
  answer.id = text("id", true);
  answer.task = text("task", true);
  answer.layer = text("layer", true);
  answer.unit = integer("unit", json.value("unit", Json()));
  answer.annotator = text("annotator", true);
  answer.skipped = text("skipped", false);
  answer.label = text("label", answer.skipped.empty());
  answer.group = text("group", answer.skipped.empty());
  const Json crossed = json.value("crossed", Json());
  if (!crossed.is_array()) {
    Fail("{}: key \"crossed\": expected a list, found {}", where, Shown(crossed));
  }
  for (const Json& tile : crossed) answer.crossed.push_back(integer("crossed", tile));
  const Json seconds = json.value("seconds", Json(0));
  if (!seconds.is_number()) {
    Fail("{}: key \"seconds\": expected a number, found {}", where, Shown(seconds));
  }
  answer.seconds = seconds.get<double>();
  answer.time = text("time", false);
  return answer;
}

std::string TileDigest(const std::string& salt, int tile) {
  return Sha256Hex(fmt::format("{}:{}", salt, tile), kTileRounds);
}

std::string TaskScript(const AnnotationTask& task, bool served) {
  Json taxonomy = ToJson(task.taxonomy);
  for (Json& group : taxonomy["groups"]) group.erase("code");
  Json units = Json::array();
  for (const TaskUnit& unit : task.units) {
    Json item = {{"layer", unit.layer},
                 {"unit", unit.unit},
                 {"sheet", unit.sheet},
                 {"tiles", unit.tiles.size()}};
    if (!served) {
      std::vector<std::string> digests;
      for (size_t i = 0; i < unit.tiles.size(); ++i) {
        if (unit.tiles[i].negative) digests.push_back(TileDigest(unit.salt, static_cast<int>(i)));
      }
      std::sort(digests.begin(), digests.end());
      item["salt"] = unit.salt;
      item["negatives"] = digests;
    }
    units.push_back(std::move(item));
  }
  Json data = {{"format", kTaskFormat},           {"task", task.id},
               {"network", task.network},         {"served", served},
               {"taxonomy", std::move(taxonomy)}, {"names", task.names},
               {"columns", task.layout.columns},  {"tile", task.layout.size}};
  if (!served) data["rounds"] = kTileRounds;
  data["units"] = std::move(units);
  return "globalThis.annotationTask = " + ForScript(data) + ";\n";
}

}  // namespace netdissect
