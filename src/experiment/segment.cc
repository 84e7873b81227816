// segment: sheets of the top images of units, each segmented by the unit.

#include "experiment/segment.h"

#include <algorithm>
#include <map>

#include "base/json_writer.h"
#include "base/text.h"
#include "netdissect/base/system.h"
#include "report/figure.h"
#include "report/label_report.h"
#include "report/segment_report.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

using LabelsByUnit = std::map<std::string, std::map<int, UnitLabel>>;  // by layer and unit

LabelsByUnit ReadLabels(const SegmentExperiment& options, const NetworkRun& run) {
  LabelsByUnit labels;
  if (options.labels.empty()) return labels;
  const Path file =
      RequireResult(options.labels, ResultKind::kLabels, run.descriptor, run.model.digest);
  for (LayerLabels& layer : ReadUnitLabels(file, run.model.digest)) {
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

// The units of a recorded layer to segment by, with their top images.
std::vector<SegmentUnit> ChooseSegmentUnits(const SegmentExperiment& options,
                                            const RecordedLayer& recorded,
                                            const LabelsByUnit& labels) {
  const auto known = labels.find(recorded.name);
  const bool by_label = options.choice.best > 0 && known != labels.end();
  std::vector<SegmentUnit> units;
  for (int number : by_label ? BestLabelled(known->second, recorded, options.choice.best)
                             : ChooseUnits(options.choice, recorded, options.seed)) {
    const std::vector<UnitResponse>& top = recorded.units[static_cast<size_t>(number)].top;
    SegmentUnit unit{number, top.empty() ? 0 : top.front().value, {}};
    const size_t count = std::min(top.size(), static_cast<size_t>(options.recording.k));
    for (size_t i = 0; i < count; ++i) unit.images.push_back(top[i].image);
    units.push_back(std::move(unit));
  }
  return units;
}

// "fire9/concat unit 17: lamp, IoU 0.12", or its largest activation where it has no label.
std::string CaptionOf(const std::string& layer, const SegmentUnit& unit,
                      const LabelsByUnit& labels) {
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

// Where a unit's tiles are.
struct SheetPlace {
  int sheet = 0;  // from 1
  cv::Rect tiles;
};

// Collects rows and saves a sheet whenever one is full.
class Sheets {
 public:
  Sheets(const LayerFiles& files, const std::string& layer, int rows)
      : files_(files), layer_(layer), rows_(static_cast<size_t>(rows)) {}

  SheetPlace Add(const std::string& caption, const std::vector<cv::Mat>& tiles) {
    const cv::Mat row = SegmentRow(caption, tiles);
    const int height = tiles.empty() ? 0 : tiles.front().rows;
    const cv::Rect place(kMargin, next_ + row.rows - height, height > 0 ? row.cols : 0, height);
    const SheetPlace placed{sheets_ + 1, place};
    next_ += row.rows + kGap;
    kept_.push_back(row);
    if (kept_.size() == rows_) Save();
    return placed;
  }
  void Save() {
    if (kept_.empty()) return;
    WritePng(files_.SegmentSheet(layer_, ++sheets_), Framed(Column(kept_, kGap), kMargin));
    kept_.clear();
    next_ = kMargin;
  }

 private:
  const LayerFiles& files_;
  const std::string layer_;
  const size_t rows_;
  static constexpr int kMargin = 12, kGap = 6;  // pixels

  int sheets_ = 0;      // saved
  int next_ = kMargin;  // where the next row begins
  std::vector<cv::Mat> kept_;
};

// The sheet's file, from the run folder, and the box of the unit's tiles on it, [x, y, width,
// height]; null of a unit without images.
Json PlaceJson(const LayerFiles& files, const std::string& layer, const SheetPlace& place) {
  if (place.tiles.empty()) return nullptr;
  const cv::Rect& box = place.tiles;
  return {{"file", files.Relative(files.SegmentSheet(layer, place.sheet))},
          {"tiles", {box.x, box.y, box.width, box.height}}};
}

// Writes a layer's units. As many at once as memory allows: each group reads its images once,
// whatever the number of units that share them.
void SegmentLayer(const SegmentExperiment& options, const NetworkRun& run,
                  const RecordResult& record, const RecordedLayer& recorded,
                  const LabelsByUnit& labels, JsonWriter& json, Observer& observer) {
  constexpr int64_t kTileBytes = int64_t{128} << 10;  // of a tile and its entry in the results
  const int64_t group = std::max<int64_t>(
      1, options.memory / (kTileBytes * std::max<int64_t>(options.recording.k, 1)));
  UnitSegmenter segmenter(options.mask, run, recorded.name);
  const LayerFiles files(run.folder.path(), run.model.network);
  Sheets sheets(files, recorded.name, options.per_sheet);
  const std::vector<SegmentUnit> all = ChooseSegmentUnits(options, recorded, labels);
  const auto count = static_cast<int64_t>(all.size());
  for (int64_t begin = 0; begin < count; begin += group) {
    const auto first = all.begin() + begin;
    const std::vector<SegmentUnit> chosen(first, first + std::min(group, count - begin));
    std::vector<UnitOnImages> wanted;
    std::vector<std::vector<cv::Mat>> tiles;
    std::vector<std::vector<Json>> segments;
    for (const SegmentUnit& unit : chosen) {
      wanted.push_back({segmenter.layer(), unit.unit, unit.images});
      tiles.emplace_back(unit.images.size());
      segments.emplace_back(unit.images.size());
    }
    const auto segment = [&](size_t u, size_t place, const at::Tensor& map,
                             const cv::Mat& picture) {
      const SegmentUnit& unit = chosen[u];
      const cv::Mat mask = segmenter.Mask(unit.unit, map, unit.largest, picture.size());
      tiles[u][place] = SegmentTile(picture, mask);
      segments[u][place] =
          SegmentJson(record.images[unit.images[place]].name, map.max().item<float>(),
                      segmenter.LevelOf(unit.largest), mask);
    };
    VisitUnitMaps(run.model, record.images, wanted, segment, options.pass, observer);
    for (size_t u = 0; u < chosen.size(); ++u) {
      const SheetPlace place = sheets.Add(CaptionOf(recorded.name, chosen[u], labels), tiles[u]);
      json.BeginObject().Member("unit", chosen[u].unit).Member("largest", chosen[u].largest);
      json.Member("images", Json(std::move(segments[u])));
      json.Member("sheet", PlaceJson(files, recorded.name, place)).EndObject();
    }
  }
  sheets.Save();
}

Path SegmentNetwork(const SegmentExperiment& options, const NetworkRun& run,
                    const ImageSets& images, Observer& observer) {
  const RunFiles& files = run.folder.files();
  const Network& network = run.model.network;
  const std::vector<std::string> layers = LayersOrLast(options, network);
  for (const std::string& layer : layers) FindSpatialLayer(network, layer);
  const LabelsByUnit labels = ReadLabels(options, run);
  const RecordResult record =
      FindOrMakeRecord(options, options.recording, run, images, layers, observer);
  UnfinishedResult unfinished(files, ResultKind::kSegments,
                              ProvenanceOf(options, "segment", run.model, images, observer));
  AtomicFile file(unfinished.file());
  JsonWriter json(file.stream());
  json.BeginObject();
  json.Member("netdissect", ToJson(unfinished.provenance()));
  json.Member("method", NameOf(options.mask.segment.method));
  json.Member("share", options.mask.segment.threshold);
  json.Member("skipped", ToJson(record.skipped)).Key("layers").BeginObject();
  unfinished.Begin();
  for (const RecordedLayer& recorded : record.layers) {
    json.Key(recorded.name).BeginObject().Key("units").BeginArray();
    SegmentLayer(options, run, record, recorded, labels, json, observer);
    json.EndArray().EndObject();
  }
  json.EndObject().EndObject().Finish();
  unfinished.Finish(file);
  SaveOptions(options, files);
  observer.Note(fmt::format("sheets in {}, peak memory {}", files.folder().string(),
                            FormatBytes(PeakMemory())));
  return unfinished.file();
}

}  // namespace

std::string NameOf(SegmentMethod method) {
  return method == SegmentMethod::kReceptiveField ? "receptive-field" : "upsampling";
}

UnitSegmenter::UnitSegmenter(const MaskOptions& options, const NetworkRun& run,
                             const std::string& layer)
    : options_(options.segment),
      layer_(layer),
      layer_index_(FindSpatialLayer(run.model.network, layer)),
      geometry_(GeometryOf(run.model.network, layer_index_)),
      input_(run.model.input) {
  options_.Validate();
  if (options_.method != SegmentMethod::kReceptiveField) return;
  const Path file =
      RequireResult(options.fields, ResultKind::kFields, run.descriptor, run.model.digest);
  fields_.emplace(file.parent_path(), run.model.digest);
}

cv::Mat UnitSegmenter::Mask(int unit, const at::Tensor& map, float largest,
                            const cv::Size& picture) {
  const double level = LevelOf(largest);
  const InputView view = ViewOf(input_, picture);
  if (!fields_) return MaskByUpsampling(geometry_, map, level, view);
  if (field_unit_ != unit || field_.mask.empty()) {
    field_ = fields_->FieldOf(layer_, geometry_, unit);
    field_unit_ = unit;
  }
  return MaskByField(geometry_, field_, map, level, view);
}

double UnitSegmenter::LevelOf(float largest) const {
  return options_.threshold * std::max(0.0f, largest);
}

std::vector<Path> RunSegment(const SegmentExperiment& options, Observer& observer) {
  const ImageSets images = LoadImageSets(options);
  std::vector<Path> results;
  ForEachNetwork(options, "segment", observer, [&](const NetworkRun& run) {
    results.push_back(SegmentNetwork(options, run, images, observer));
  });
  return results;
}

}  // namespace netdissect
