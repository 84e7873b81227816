#include "report/record_report.h"

#include <algorithm>
#include <map>

#include "base/json_number.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

const std::string& SetName(const RecordResult& record, int64_t image) {
  return record.images.sets()[static_cast<size_t>(record.images.SetOf(image))].name;
}

// Sets of one name count together.
Json ShareByName(const RecordResult& record, const RecordedLayer& layer) {
  std::map<std::string, int64_t> counts;
  for (const LayerResponse& top : layer.top_images) {
    ++counts[SetName(record, top.image)];
  }
  Json share = Json::object();
  for (const Dataset& set : record.images.sets()) {
    share[set.name] = layer.top_images.empty() ? 0.0
                                               : static_cast<double>(counts[set.name]) /
                                                     static_cast<double>(layer.top_images.size());
  }
  return share;
}

// What others index by: images of the list, positions of the layer.
void Check(const RecordedLayer& layer, size_t images, const Path& file) {
  const auto complain = [&](const std::string& what) {
    Fail("{}: layer {}: {}", file.string(), layer.name, what);
  };
  const auto check_image = [&](int64_t image) {
    if (image >= 0 && static_cast<size_t>(image) < images) return;
    complain(fmt::format("expected image indices below {}, found {}", images, image));
  };
  const Shape& shape = layer.shape;
  if (layer.units.size() != static_cast<size_t>(std::max(shape.units, 0))) {
    complain(fmt::format("expected the {} units of its shape, found {}", shape.units,
                         layer.units.size()));
  }
  for (const LayerResponse& response : layer.top_images) check_image(response.image);
  for (const RecordedUnit& unit : layer.units) {
    for (const ImageValue& far : unit.far) check_image(far.image);
  }
  for (const RecordedUnit& unit : layer.units) {
    for (const UnitResponse& response : unit.top) {
      check_image(response.image);
      if (response.y >= 0 && response.y < shape.height && response.x >= 0 &&
          response.x < shape.width) {
        continue;
      }
      complain(fmt::format("expected positions within {} x {}, found ({}, {})", shape.height,
                           shape.width, response.y, response.x));
    }
  }
}

RecordedLayer LayerFromJson(const Path& file, const std::string& name, const Json& json) {
  RecordedLayer layer;
  layer.name = name;
  const Json& shape = json.at("shape");
  layer.shape = {WholeNumber<int>(shape.at(0)), WholeNumber<int>(shape.at(1)),
                 WholeNumber<int>(shape.at(2))};
  for (const Json& top : json.at("top_images")) {
    layer.top_images.push_back(
        {WholeNumber<int64_t>(top.at("index")), top.at("sum").get<double>()});
  }
  for (const Json& unit : json.at("units")) {
    RecordedUnit recorded;
    if (const auto number = WholeNumber<int64_t>(unit.at("unit"));
        number != static_cast<int64_t>(layer.units.size())) {
      Fail("{}: layer {}: expected unit {}, found {}", file.string(), name, layer.units.size(),
           number);
    }
    recorded.quantile = unit.at("quantile_0.995").get<double>();
    for (const Json& top : unit.at("top")) {
      recorded.top.push_back({WholeNumber<int64_t>(top.at("index")), top.at("value").get<float>(),
                              WholeNumber<int>(top.at("y")), WholeNumber<int>(top.at("x"))});
    }
    if (unit.contains("far")) {
      for (const Json& far : unit["far"]) {
        recorded.far.push_back(
            {WholeNumber<int64_t>(far.at("index")), far.at("value").get<float>()});
      }
    }
    layer.units.push_back(std::move(recorded));
  }
  return layer;
}

}  // namespace

void WriteRecord(std::ostream& out, const Provenance& provenance, const RecordResult& record) {
  // A recording of many layers has millions of entries: they are written as they are, one unit a
  // line, for as a tree of JSON values they would take a gigabyte.
  JsonWriter json(out);
  const auto image_members = [&](int64_t index) {
    json.Member("image", record.images[index].name);
    json.Member("set", SetName(record, index));
    json.Member("index", index);
  };
  json.BeginObject().Member("netdissect", ToJson(provenance));
  json.Member("recorded", record.recorded).Member("skipped", ToJson(record.skipped));
  json.Member("seconds", record.seconds).Key("layers").BeginObject();
  for (const RecordedLayer& layer : record.layers) {
    json.Key(layer.name).BeginObject().Key("shape").Compact().BeginArray();
    json.Value(layer.shape.units).Value(layer.shape.height).Value(layer.shape.width).EndArray();
    json.Key("top_images").BeginArray();
    for (const LayerResponse& top : layer.top_images) {
      json.Compact().BeginObject();
      image_members(top.image);
      json.Member("sum", top.value).EndObject();
    }
    json.EndArray().Member("set_share", ShareByName(record, layer)).Key("units").BeginArray();
    for (size_t unit = 0; unit < layer.units.size(); ++unit) {
      json.Compact().BeginObject().Member("unit", unit);
      json.Member("quantile_0.995", layer.units[unit].quantile).Key("top").BeginArray();
      for (const UnitResponse& top : layer.units[unit].top) {
        json.BeginObject();
        image_members(top.image);
        json.Member("value", top.value).Member("y", top.y).Member("x", top.x).EndObject();
      }
      json.EndArray().Key("far").BeginArray();
      for (const ImageValue& far : layer.units[unit].far) {
        json.BeginObject();
        image_members(far.image);
        json.Member("value", far.value).EndObject();
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndObject().EndObject().Finish();
}

Table PreferenceTable(const RecordResult& record) {
  Table table;
  table.header = {"layer"};
  for (const Dataset& set : record.images.sets()) table.header.push_back(set.name);
  for (const RecordedLayer& layer : record.layers) {
    std::vector<std::string> row = {layer.name};
    for (double share : SetShare(record, layer)) row.push_back(fmt::format("{:.0f}%", 100 * share));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::optional<RecordResult> ReadMatchingRecord(const Path& file, const Provenance& provenance,
                                               const ImageSets& images,
                                               const std::vector<std::string>& layers, int k,
                                               int far) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  const Json json = ReadJson(file, "layers", [&](const std::string& name) {
    return std::find(layers.begin(), layers.end(), name) != layers.end();
  });
  try {
    const Json& header = json.at("netdissect");
    if (!SameInputs(header, provenance)) return std::nullopt;
    if (WholeNumber<int>(header.at("options").at("k")) < k) return std::nullopt;
    if (WholeNumber<int>(header["options"].value("far", Json(0))) < far) return std::nullopt;
    RecordResult record;
    record.images = images;
    record.recorded = WholeNumber<int64_t>(json.at("recorded"));
    for (const Json& image : json.at("skipped")) {
      record.skipped.push_back(
          {image.at("image").get<std::string>(), image.at("reason").get<std::string>()});
    }
    record.seconds = json.at("seconds").get<double>();
    const Json& stored = json.at("layers");
    if (!stored.is_object()) Fail("{}: key \"layers\": expected an object", file.string());
    for (const std::string& name : layers) {
      if (!stored.contains(name)) return std::nullopt;
      record.layers.push_back(LayerFromJson(file, name, stored.at(name)));
      Check(record.layers.back(), static_cast<size_t>(images.size()), file);
    }
    return record;
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected a recording as `record` writes it: {}", file.string(), error.what());
  }
}

std::optional<RecordResult> ReadOwnRecord(const Path& file, const Provenance& provenance,
                                          const ImageSets& images,
                                          const std::vector<std::string>& layers, int k, int far,
                                          Observer& observer) {
  try {
    return ReadMatchingRecord(file, provenance, images, layers, k, far);
  } catch (const Error& error) {
    observer.Warning(fmt::format("{}: recorded again", error.what()));
    return std::nullopt;
  }
}

std::vector<RecordedLayer> ReadRecordedLayers(const Path& file, const std::string& network_digest,
                                              const std::vector<std::string>& layers) {
  std::vector<std::string> names;
  const Json json = ReadJson(file, "layers", [&](const std::string& name) {
    names.push_back(name);
    return std::find(layers.begin(), layers.end(), name) != layers.end();
  });
  try {
    const Json& header = json.at("netdissect");
    const auto digest = header.at("network").at("digest").get<std::string>();
    if (digest != network_digest) {
      Fail("{}: expected a recording of the network with digest {}, found {}", file.string(),
           network_digest, digest);
    }
    size_t images = 0;
    for (const Json& set : header.at("images"))
      images += static_cast<size_t>(WholeNumber<int64_t>(set.at("count")));
    const Json& stored = json.at("layers");
    std::vector<RecordedLayer> recorded;
    for (const std::string& name : layers) {
      if (!stored.contains(name)) {
        Fail("{}: expected layer {} to be recorded, found {}", file.string(), name, Join(names));
      }
      recorded.push_back(LayerFromJson(file, name, stored.at(name)));
      Check(recorded.back(), images, file);
    }
    return recorded;
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected a recording as `record` writes it: {}", file.string(), error.what());
  }
}

}  // namespace netdissect
