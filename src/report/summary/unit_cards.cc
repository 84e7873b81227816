#include "report/summary/unit_cards.h"

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "netdissect/base/error.h"

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

// Calls `use(card, unit's value)` for each unit of a result's layers.
template <typename Use>
void ForEachUnit(const ReadResult& result, NetworkCards& cards, const Use& use) {
  for (const auto& [name, layer] : result.json.at("layers").items()) {
    LayerCards& of = cards.Of(name);
    if (const auto size = NumberAt(layer, "theoretical_size")) of.theoretical = *size;
    for (const Json& unit : layer.at("units"))
      use(of.units[unit.at("unit").get<int>()], unit, layer);
  }
}

class CardMaker {
 public:
  CardMaker(const Results& results, PictureStore& pictures)
      : results_(results), pictures_(pictures) {}

  NetworkCards Make(const std::string& network) {
    NetworkCards cards;
    for (const ReadResult* fields : OfNetwork(ResultKind::kFields, network)) {
      if (fields->json.contains("layers")) AddFields(*fields, cards);
    }
    for (const ReadResult* labels : OfNetwork(ResultKind::kLabels, network)) {
      ForEachUnit(*labels, cards, [](Json& card, const Json& unit, const Json&) {
        Copy(unit, card, {"label", "group", "source", "precision", "iou", "annotators", "answers"});
      });
    }
    for (const ReadResult* quality : OfNetwork(ResultKind::kQuality, network)) {
      ForEachUnit(*quality, cards, [](Json& card, const Json& unit, const Json&) {
        Copy(unit, card, {"ap", "jaccard", "best_jaccard"});
      });
    }
    for (const ReadResult* segments : OfNetwork(ResultKind::kSegments, network)) {
      if (segments->json.contains("layers")) AddRows(*segments, cards);
    }
    if (const ReadResult* record = WidestRecord(network)) AddResponses(*record, cards);
    return cards;
  }

  int64_t missing() const { return missing_; }

 private:
  std::vector<const ReadResult*> OfNetwork(ResultKind kind, const std::string& network) const {
    std::vector<const ReadResult*> found;
    for (const ReadResult* result : results_.Of(kind)) {
      if (result->network() == network) found.push_back(result);
    }
    return found;
  }

  const ReadResult* WidestRecord(const std::string& network) const {
    const ReadResult* widest = nullptr;
    for (const ReadResult* record : OfNetwork(ResultKind::kRecord, network)) {
      if (!widest || record->provenance.images.size() > widest->provenance.images.size()) {
        widest = record;
      }
    }
    return widest;
  }

  void AddFields(const ReadResult& fields, NetworkCards& cards) {
    ForEachUnit(fields, cards, [&](Json& card, const Json& unit, const Json& layer) {
      Copy(unit, card, {"size", "interval"});
      if (!card.contains("size")) card["silent"] = true;
      const Path stem = fields.file.parent_path() / layer.value("maps", "") /
                        fmt::format("unit_{:04}", unit.at("unit").get<int>());
      card["field"] = Picture(stem.string() + ".png", kFieldWidest);
      const Path pipeline = stem.string() + "_pipeline.jpg";
      std::error_code ignored;
      if (std::filesystem::exists(pipeline, ignored))
        card["pipeline"] = Picture(pipeline, kPipelineWidest);
    });
  }

  void AddRows(const ReadResult& segments, NetworkCards& cards) {
    ForEachUnit(segments, cards, [&](Json& card, const Json& unit, const Json&) {
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
        const auto card = units.find(unit.at("unit").get<int>());
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

  Json Picture(const Path& file, int widest) {
    try {
      return pictures_.Photograph(ReadPicture(file), widest);
    } catch (const Error&) {
      ++missing_;
      return nullptr;
    }
  }

  // The sheet read last is kept: units follow each other on it.
  const cv::Mat& Sheet(const Path& file) {
    if (file == sheet_file_) return sheet_;
    sheet_file_ = file;
    try {
      sheet_ = ReadPicture(file);
    } catch (const Error&) {
      ++missing_;
      sheet_ = cv::Mat();
    }
    return sheet_;
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
        if (all.contains("field") && all["field"].is_null()) all.erase("field");
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
