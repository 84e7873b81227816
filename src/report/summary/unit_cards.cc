#include "report/summary/unit_cards.h"

#include <algorithm>
#include <map>

#include "base/json_number.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "report/summary/findings.h"

namespace netdissect {
namespace {

constexpr int kTopValues = 40;     // of a unit's falling responses
constexpr int kTopImages = 8;      // by name
constexpr int kRowWidest = 620;    // pixels of a row of tiles
constexpr int kFieldWidest = 360;  // of a field and its patches
constexpr int kPipelineWidest = 760;

using UnitsOfLayer = std::map<int, Json>;
struct LayerCards {
  std::string name;
  double theoretical = 0;
  UnitsOfLayer units;
};

class NetworkCards {
 public:
  LayerCards& Of(const std::string& layer) {
    for (LayerCards& each : layers) {
      if (each.name == layer) return each;
    }
    layers.push_back({layer, 0, {}});
    return layers.back();
  }
  std::vector<LayerCards> layers;
};

void Copy(const Json& from, Json& to, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (from.contains(key) && !from[key].is_null()) to[key] = from[key];
  }
}

// Calls `use(layer, card, unit's value)` for each unit of a result's layers.
template <typename Use>
void ForEachUnit(const ReadResult& result, NetworkCards& cards, const Use& use) {
  for (const auto& [name, layer] : result.json.at("layers").items()) {
    LayerCards& of = cards.Of(name);
    for (const Json& unit : layer.at("units")) {
      use(of, of.units[WholeNumber<int>(unit.at("unit"))], unit);
    }
  }
}

class CardMaker {
 public:
  CardMaker(const Results& results, PictureStore& pictures)
      : results_(results), pictures_(pictures) {}

  NetworkCards Make(const std::string& network) {
    NetworkCards cards;
    for (const ReadResult* fields : results_.AllOf(ResultKind::kFields, network)) {
      if (fields->json.contains("layers")) AddFields(*fields, cards);
    }
    for (const ReadResult* labels : results_.AllOf(ResultKind::kLabels, network)) {
      ForEachUnit(*labels, cards, [](LayerCards&, Json& card, const Json& unit) {
        Copy(unit, card, {"label", "group", "source", "precision", "iou", "annotators", "answers"});
      });
    }
    for (const ReadResult* quality : results_.AllOf(ResultKind::kQuality, network)) {
      ForEachUnit(*quality, cards, [](LayerCards&, Json& card, const Json& unit) {
        Copy(unit, card, {"ap", "jaccard", "best_jaccard"});
      });
    }
    for (const ReadResult* segments : results_.AllOf(ResultKind::kSegments, network)) {
      if (segments->json.contains("layers")) AddRows(*segments, cards);
    }
    if (const ReadResult* record = WidestRecord(results_, network)) AddResponses(*record, cards);
    return cards;
  }

  int64_t missing() const { return missing_; }

 private:
  void AddFields(const ReadResult& fields, NetworkCards& cards) {
    ForEachUnit(fields, cards, [&](LayerCards& of, Json& card, const Json& unit) {
      const Json& layer = fields.json["layers"][of.name];
      const auto file = [&](const char* ending) {
        return FieldFileIn(fields.file.parent_path(), layer.value("maps", ""), of.name,
                           WholeNumber<int>(unit["unit"]), ending);
      };
      if (const auto size = NumberAt(layer, "theoretical_size")) of.theoretical = *size;
      Copy(unit, card, {"size", "interval"});
      if (!card.contains("size")) card["silent"] = true;
      AddPicture(card, "field", file(".png"), kFieldWidest);
      if (const Path pipeline = file(kPipelineEnding); Exists(pipeline)) {
        AddPicture(card, "pipeline", pipeline, kPipelineWidest);
      }
    });
  }

  void AddRows(const ReadResult& segments, NetworkCards& cards) {
    ForEachUnit(segments, cards, [&](LayerCards&, Json& card, const Json& unit) {
      if (!unit.contains("sheet") || unit["sheet"].is_null()) return;
      const cv::Mat& sheet = Sheet(segments.file.parent_path() / unit["sheet"].value("file", ""));
      const auto box = unit["sheet"].at("tiles").get<std::vector<int>>();
      if (sheet.empty() || box.size() != 4) return;
      const cv::Rect tiles(box[0], box[1], box[2], box[3]);
      if ((tiles & cv::Rect(0, 0, sheet.cols, sheet.rows)) != tiles || tiles.empty()) {
        ++missing_;
        return;
      }
      card["row"] = pictures_.Photograph(sheet(tiles), kRowWidest);
      card["tiles"] = unit.at("images").size();
    });
  }

  void AddResponses(const ReadResult& record, NetworkCards& cards) {
    const auto shown = [&](const std::string& name) {
      return std::any_of(cards.layers.begin(), cards.layers.end(),
                         [&](const LayerCards& layer) { return layer.name == name; });
    };
    const Json json = ReadJson(record.file, "layers", shown);
    for (const auto& [name, layer] : json.at("layers").items()) {
      UnitsOfLayer& units = cards.Of(name).units;
      for (const Json& unit : layer.at("units")) {
        const auto card = units.find(WholeNumber<int>(unit.at("unit")));
        if (card == units.end()) continue;
        Json values = Json::array(), images = Json::array();
        for (const Json& top : unit.at("top")) {
          if (values.size() == kTopValues) break;
          // Four digits are more than a curve shows.
          values.push_back(Json::parse(fmt::format("{:.4g}", top.at("value").get<double>())));
          if (images.size() < kTopImages) images.push_back(top.at("image"));
        }
        card->second["top"] = std::move(values);
        card->second["images"] = std::move(images);
      }
    }
  }

  void AddPicture(Json& card, const char* key, const Path& file, int widest) {
    const cv::Mat picture = Read(file);
    if (!picture.empty()) card[key] = pictures_.Photograph(picture, widest);
  }

  // The sheet read last is kept: units follow each other on it.
  const cv::Mat& Sheet(const Path& file) {
    if (file != sheet_file_) {
      sheet_file_ = file;
      sheet_ = Read(file);
    }
    return sheet_;
  }

  // Nothing, and counted, where it is missing or no picture.
  cv::Mat Read(const Path& file) {
    try {
      return DecodeImage(file);
    } catch (const Error&) {
      ++missing_;
      return {};
    }
  }

  const Results& results_;
  PictureStore& pictures_;
  int64_t missing_ = 0;
  Path sheet_file_;
  cv::Mat sheet_;
};

}  // namespace

Json UnitCards(const Results& results, PictureStore& pictures, Observer& observer) {
  Json networks = Json::array(), units = Json::array();
  CardMaker maker(results, pictures);
  for (const std::string& network : results.networks()) {
    CheckStop(observer, "units", static_cast<int64_t>(networks.size()),
              static_cast<int64_t>(results.networks().size()));
    const NetworkCards cards = maker.Make(network);
    if (cards.layers.empty()) continue;
    Json layers = Json::array();
    for (const LayerCards& layer : cards.layers) {
      for (const auto& [unit, card] : layer.units) {
        Json all = {{"n", networks.size()}, {"l", layers.size()}, {"unit", unit}};
        all.update(card);
        units.push_back(std::move(all));
      }
      layers.push_back({{"name", layer.name}, {"theoretical", layer.theoretical}});
    }
    networks.push_back({{"name", network}, {"layers", std::move(layers)}});
  }
  if (maker.missing() > 0) {
    observer.Warning(fmt::format("{}: expected the pictures of all units, found {} missing",
                                 results.folder().string(), maker.missing()));
  }
  return {{"networks", std::move(networks)}, {"units", std::move(units)}};
}

}  // namespace netdissect
