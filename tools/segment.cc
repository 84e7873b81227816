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

// The units of the recorded layers to segment by, with their top images.
std::vector<LayerMaps> ChooseMaps(const SegmentCommand& options, const Network& network,
                                  const RecordResult& record, const Labels& labels, uint64_t seed) {
  std::vector<LayerMaps> layers;
  for (const RecordedLayer& recorded : record.layers) {
    LayerMaps layer{recorded.name, FindSpatialLayer(network, recorded.name), {}};
    const auto known = labels.find(recorded.name);
    const bool by_label = options.choice.best > 0 && known != labels.end();
    const std::vector<int> units = by_label
                                       ? BestLabelled(known->second, recorded, options.choice.best)
                                       : ChooseUnits(options.choice, recorded, seed);
    for (int unit : units) {
      const std::vector<UnitResponse>& top = recorded.units[static_cast<size_t>(unit)].top;
      UnitMaps maps;
      maps.unit = unit;
      maps.largest = top.empty() ? 0 : top.front().value;
      const size_t count = std::min(top.size(), static_cast<size_t>(options.recording.k));
      for (size_t i = 0; i < count; ++i) maps.images.push_back({top[i].image, top[i].value, {}});
      layer.units.push_back(std::move(maps));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

// "fire9/concat unit 17: lamp, IoU 0.12", or its largest activation where it has no label.
std::string CaptionOf(const LayerMaps& layer, const UnitMaps& unit, const Labels& labels) {
  const std::string name = fmt::format("{} unit {}: ", layer.name, unit.unit);
  if (!(unit.largest > 0)) return name + "silent";
  const auto known = labels.find(layer.name);
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

Json SegmentLayer(const SegmentCommand& options, const Model& model, const LayerMaps& layer,
                  const std::vector<RecordedImage>& images, Pictures& pictures,
                  const std::optional<MeasuredFields>& fields, const Labels& labels,
                  const Path& folder, Console& console) {
  UnitSegmenter segmenter(options, layer.name, GeometryOf(model.network, layer.layer), fields);
  Sheets sheets(folder / "segment" / FileNameOf(layer.name), options.per_sheet);
  Json units = Json::array();
  int64_t done = 0;
  for (const UnitMaps& unit : layer.units) {
    std::vector<cv::Mat> tiles;
    Json segments = Json::array();
    for (const UnitOnImage& item : unit.images) {
      const cv::Mat picture = pictures(item.image);
      const cv::Mat mask = segmenter.Mask(unit.unit, item.map, unit.largest, picture.size());
      tiles.push_back(SegmentTile(picture, mask));
      segments.push_back(SegmentJson(images[static_cast<size_t>(item.image)].name, item.value,
                                     LevelOf(options, unit.largest), mask));
    }
    sheets.Add(SegmentRow(CaptionOf(layer, unit, labels), tiles));
    units.push_back(
        {{"unit", unit.unit}, {"largest", unit.largest}, {"images", std::move(segments)}});
    console.Progress("units of " + layer.name, ++done, static_cast<int64_t>(layer.units.size()));
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
  Pictures pictures(record.images);
  const auto input = [&](int64_t i) { return Preprocess(pictures(i), model.input); };
  const std::vector<LayerMaps> maps =
      CollectMaps(model.network, ChooseMaps(options, model.network, record, labels, context.seed),
                  input, options.segment, context.console);
  Json json_layers = Json::object();
  for (const LayerMaps& layer : maps) {
    json_layers[layer.name] = SegmentLayer(options, model, layer, record.images, pictures, fields,
                                           labels, folder, context.console);
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
