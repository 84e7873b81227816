// segment: sheets of the top images of units, each segmented by the unit.

#include "segment.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/base/text.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/label_report.h"
#include "netdissect/report/segment_report.h"

namespace netdissect {
namespace {

using Labels = std::map<std::string, std::map<int, UnitLabel>>;  // by layer and unit

Labels ReadLabels(const SegmentCommand& options, const std::string& descriptor,
                  const Model& model) {
  Labels labels;
  if (options.labels.empty()) return labels;
  const Path file = ResultFile(options.labels, descriptor, "annotation.json", "annotate");
  for (LayerLabels& layer : ReadUnitLabels(file, model.digest)) {
    for (UnitLabel& label : layer.units) labels[layer.name][label.unit] = std::move(label);
  }
  return labels;
}

// Units by falling fit to their labels: by intersection over union, or where people labelled, by
// precision. Units without a label are left out.
std::vector<int> BestLabelled(const std::map<int, UnitLabel>& labels, const RecordedLayer& layer,
                              int count) {
  std::vector<std::pair<double, int>> ranked;
  for (const auto& [unit, label] : labels) {
    if (label.label.empty() || unit < 0 || unit >= layer.shape.units) continue;
    ranked.emplace_back(-label.iou.value_or(label.precision.value_or(0)), unit);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<int> units;
  for (const auto& [fit, unit] : ranked) {
    if (static_cast<int>(units.size()) < count) units.push_back(unit);
  }
  return units;
}

// A unit to segment by.
struct SegmentUnit {
  int unit = 0;
  float largest = 0;            // over the image sets
  std::vector<int64_t> images;  // in the order they are shown
};

struct SegmentLayer {
  std::string name;
  int layer = 0;  // index in the network
  std::vector<SegmentUnit> units;
};

// The units of a recorded layer to segment by, with their top images.
SegmentLayer ChooseLayer(const SegmentCommand& options, const Network& network,
                         const RecordedLayer& recorded, const Labels& labels, uint64_t seed) {
  SegmentLayer layer{recorded.name, FindSpatialLayer(network, recorded.name), {}};
  const auto known = labels.find(recorded.name);
  const bool by_label = options.choice.best > 0 && known != labels.end();
  const std::vector<int> units = by_label
                                     ? BestLabelled(known->second, recorded, options.choice.best)
                                     : ChooseUnits(options.choice, recorded, seed);
  for (int number : units) {
    const std::vector<UnitResponse>& top = recorded.units[static_cast<size_t>(number)].top;
    SegmentUnit unit{number, top.empty() ? 0 : top.front().value, {}};
    const size_t count = std::min(top.size(), static_cast<size_t>(options.recording.k));
    for (size_t i = 0; i < count; ++i) unit.images.push_back(top[i].image);
    layer.units.push_back(std::move(unit));
  }
  return layer;
}

// "fire9/concat unit 17: lamp, IoU 0.12", or its largest activation where it has no label.
std::string CaptionOf(const std::string& layer, const SegmentUnit& unit, const Labels& labels) {
  const std::string name = fmt::format("{} unit {}: ", layer, unit.unit);
  if (!(unit.largest > 0)) return name + "silent";
  const auto known = labels.find(layer);
  if (known != labels.end() && known->second.count(unit.unit) != 0) {
    const UnitLabel& label = known->second.at(unit.unit);
    if (!label.label.empty()) {
      return name + label.label +
             (label.iou ? fmt::format(", IoU {:.3f}", *label.iou) : std::string()) +
             (label.precision ? fmt::format(", precision {:.0f}%", 100 * *label.precision)
                              : std::string());
    }
  }
  return name + fmt::format("{:.4g} at most", unit.largest);
}

// Collects rows and saves a sheet whenever one is full.
class Sheets {
 public:
  Sheets(Path folder, int rows) : folder_(std::move(folder)), rows_(static_cast<size_t>(rows)) {}

  void Add(const cv::Mat& row) {
    kept_.push_back(row);
    if (kept_.size() == rows_) Save();
  }
  void Save() {
    if (kept_.empty()) return;
    WritePng(folder_ / fmt::format("sheet_{:03}.png", ++sheets_), Framed(Column(kept_, 6)));
    kept_.clear();
  }

 private:
  Path folder_;
  size_t rows_;
  int sheets_ = 0;
  std::vector<cv::Mat> kept_;
};

// The layer's units, as many at once as memory allows: each group reads its images once, whatever
// the number of units that share them.
Json SegmentBy(const SegmentCommand& options, const Model& model, const SegmentLayer& layer,
               const ImageSets& images, const std::optional<MeasuredFields>& fields,
               const Labels& labels, const Path& folder, const PassOptions& pass,
               Console& console) {
  constexpr int64_t kTileBytes = int64_t{128} << 10;  // of a tile and its entry in the results
  const int64_t group = std::max<int64_t>(
      1, options.memory / (kTileBytes * std::max<int64_t>(options.recording.k, 1)));
  UnitSegmenter segmenter(options, layer.name, GeometryOf(model.network, layer.layer), fields);
  Sheets sheets(folder / "segment" / FileNameOf(layer.name), options.per_sheet);
  Json units = Json::array();
  const auto count = static_cast<int64_t>(layer.units.size());
  for (int64_t begin = 0; begin < count; begin += group) {
    const auto first = layer.units.begin() + begin;
    const std::vector<SegmentUnit> chosen(first, first + std::min(group, count - begin));
    std::vector<UnitOnImages> wanted;
    std::vector<std::vector<cv::Mat>> tiles;
    std::vector<std::vector<Json>> segments;
    for (const SegmentUnit& unit : chosen) {
      wanted.push_back({layer.layer, unit.unit, unit.images});
      tiles.emplace_back(unit.images.size());
      segments.emplace_back(unit.images.size());
    }
    const auto segment = [&](size_t u, size_t place, const at::Tensor& map,
                             const cv::Mat& picture) {
      const SegmentUnit& unit = chosen[u];
      const cv::Mat mask = segmenter.Mask(unit.unit, map, unit.largest, picture.size());
      tiles[u][place] = SegmentTile(picture, mask);
      segments[u][place] = SegmentJson(images[unit.images[place]].name, map.max().item<float>(),
                                       LevelOf(options, unit.largest), mask);
    };
    VisitUnitMaps(model, images, wanted, segment, pass, console);
    for (size_t u = 0; u < chosen.size(); ++u) {
      sheets.Add(SegmentRow(CaptionOf(layer.name, chosen[u], labels), tiles[u]));
      units.push_back({{"unit", chosen[u].unit},
                       {"largest", chosen[u].largest},
                       {"images", std::move(segments[u])}});
    }
  }
  sheets.Save();
  return {{"units", std::move(units)}};
}

void RunOne(const SegmentCommand& options, size_t index, const std::vector<Dataset>& sets,
            const CLI::App& command, Context& context) {
  const std::string& descriptor = options.input.networks[index];
  const Path folder = OutFolder(options.input, index);
  RequireWritableFolder(folder);
  const Model model = LoadOn(context, descriptor, context.console);
  std::vector<std::string> layers = options.input.layers;
  if (layers.empty()) layers = {LastSpatialLayer(model.network)};
  for (const std::string& layer : layers) FindSpatialLayer(model.network, layer);
  const std::optional<MeasuredFields> fields = MeasuredFieldsOf(options, descriptor, model);
  const Labels labels = ReadLabels(options, descriptor, model);
  const Provenance provenance = ProvenanceOf(command, context, model, sets);
  const RecordResult record = FindOrMakeRecord(options.input, options.recording, descriptor, folder,
                                               model, sets, layers, provenance, context);
  Json json_layers = Json::object();
  for (const RecordedLayer& recorded : record.layers) {
    json_layers[recorded.name] = SegmentBy(
        options, model, ChooseLayer(options, model.network, recorded, labels, context.seed),
        record.images, fields, labels, folder, PassOf(options.input, context), context.console);
  }
  context.console.EndLine();
  const Json json = WithHeader(provenance, {{"method", options.method},
                                            {"share", options.segment.threshold},
                                            {"skipped", ToJson(record.skipped)},
                                            {"layers", std::move(json_layers)}});
  WriteJson(folder / "segment.json", json);
  SaveOptions(folder, command);
  spdlog::info("sheets in {}, peak memory {}", (folder / "segment").string(),
               FormatBytes(PeakMemory()));
  if (options.json) std::cout << json.dump(2) << "\n";
}

}  // namespace

cv::Mat UnitSegmenter::Mask(int unit, const at::Tensor& map, float largest,
                            const cv::Size& picture) {
  const double level = LevelOf(options_, largest);
  if (!fields_) return MaskByUpsampling(geometry_, map, level, picture);
  if (field_unit_ != unit || field_.mask.empty()) {
    field_ = fields_->FieldOf(layer_, geometry_, unit);
    field_unit_ = unit;
  }
  return MaskByField(geometry_, field_, map, level, picture);
}

double LevelOf(const SegmentCommand& options, float largest) {
  return options.segment.threshold * std::max(0.0f, largest);
}

std::optional<MeasuredFields> MeasuredFieldsOf(const SegmentCommand& options,
                                               const std::string& descriptor, const Model& model) {
  if (options.segment.method != SegmentMethod::kReceptiveField) return std::nullopt;
  return MeasuredFields(ResultFolder(options.fields, descriptor, "rf.json"), model.digest);
}

int FindSpatialLayer(const Network& network, const std::string& name) {
  const int layer = network.Find(name);
  const Shape& shape = network.layer(layer).shape;
  if (shape.height == 1 && shape.width == 1) {
    Fail("layer {}: expected units with positions in the image, found {}", name, ToString(shape));
  }
  return layer;
}

void RunSegment(const SegmentCommand& options, const CLI::App& command, Context& context) {
  const std::vector<Dataset> sets = LoadSets(options.input, context);
  for (size_t i = 0; i < options.input.networks.size(); ++i) {
    RunOne(options, i, sets, command, context);
  }
}

}  // namespace netdissect
