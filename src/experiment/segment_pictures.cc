// segment --image: given pictures by one unit, of the network or of maps from another program.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "experiment/segment.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "probe/map_file.h"
#include "report/figure.h"
#include "report/record_report.h"
#include "report/segment_report.h"
#include "report/unfinished.h"

namespace netdissect {
namespace {

// The unit's largest activation, and where it is known from.
struct Largest {
  float value = 0;
  std::string source;
};

// From the option, else from a recording of the network, else from the pictures themselves. A map
// from a file is of some other network, which no recording here is of.
Largest FindLargest(const SegmentPictureExperiment& options, const NetworkRun& run,
                    const std::vector<at::Tensor>& maps, Observer& observer) {
  if (options.largest > 0) return {static_cast<float>(options.largest), "--largest"};
  if (options.maps.empty()) {
    try {
      const std::optional<Path> file =
          options.record_given
              ? RequireResult(options.record, ResultKind::kRecord, run.descriptor, run.model.digest)
              : FindResult(options.record, ResultKind::kRecord, run.descriptor, run.model.digest);
      if (file) {
        const RecordedLayer layer =
            ReadRecordedLayers(*file, run.model.digest, options.layers).front();
        const RecordedUnit& unit = layer.units.at(static_cast<size_t>(options.unit));
        if (!unit.top.empty()) return {unit.top.front().value, file->string()};
      }
    } catch (const Error& error) {
      if (options.record_given) throw;
      observer.Note(fmt::format("not used: {}", error.what()));
    }
  }
  float largest = 0;
  for (const at::Tensor& map : maps) largest = std::max(largest, map.max().item<float>());
  return {largest, maps.size() == 1 ? "this picture" : "these pictures"};
}

std::vector<at::Tensor> MapsOf(const SegmentPictureExperiment& options, const Model& model,
                               int layer) {
  const Shape& shape = model.network.layer(layer).shape;
  std::vector<at::Tensor> maps;
  for (const std::string& file : options.maps) {
    maps.push_back(ReadMapFile(file, shape, options.unit));
  }
  if (!maps.empty()) return maps;
  RequireUnit(fmt::format("--unit {}", options.unit), options.unit, options.layers.front(), shape);
  const ImageSets pictures{SetOfFiles(options.pictures)};
  maps.resize(options.pictures.size());
  VisitUnitMaps(
      model, pictures, {{layer, options.unit, AllOf(pictures)}},
      [&](size_t, size_t place, const at::Tensor& map, const cv::Mat&) {
        maps[place] = map.clone();
      },
      options.pass);
  return maps;
}

}  // namespace

SegmentPictureRun RunSegmentPictures(const SegmentPictureExperiment& options, Observer& observer) {
  SegmentPictureRun done;
  ForEachNetwork(options, "segment", observer, [&](const NetworkRun& run) {
    const std::string& name = options.layers.front();
    UnitSegmenter segmenter(options.mask, run, name);
    const std::vector<at::Tensor> maps = MapsOf(options, run.model, segmenter.layer());
    const Largest largest = FindLargest(options, run, maps, observer);
    if (!(largest.value > 0)) {
      observer.Warning("the unit is nowhere positive: it segments nothing");
    }
    const RunFiles& files = run.folder.files();
    const ImageFiles pictures = SegmentedPictures(files.folder(), options.pictures);
    Json segments = Json::array();
    UnfinishedResult unfinished(files, ResultKind::kSegments,
                                ProvenanceOf(options, "segment", run.model, {}, observer));
    unfinished.Begin();
    std::vector<cv::Mat> plain, segmented;
    for (size_t i = 0; i < options.pictures.size(); ++i) {
      const cv::Mat picture = DecodeImage(options.pictures[i]);
      const cv::Mat mask = segmenter.Mask(options.unit, maps[i], largest.value, picture.size());
      const Path file = pictures.File(static_cast<int64_t>(i), ".png");
      WritePng(file, DrawSegment(picture, mask));
      plain.push_back(SegmentTile(picture, cv::Mat(picture.size(), CV_8U, cv::Scalar(255))));
      segmented.push_back(SegmentTile(picture, mask));
      segments.push_back(SegmentJson(options.pictures[i], maps[i].max().item<float>(),
                                     segmenter.LevelOf(largest.value), mask));
      done.pictures.push_back(
          {options.pictures[i], file,
           segments.back()["area"].get<double>() / static_cast<double>(mask.total())});
    }
    const std::string unit = options.unit < 0 ? "" : fmt::format(" unit {}", options.unit);
    WritePng(files.SegmentedSheet(),
             Framed(Column({SegmentRow(name + unit, plain), Row(segmented, 4)}, 4)));
    const Json json_unit = {{"unit", options.unit < 0 ? Json() : Json(options.unit)},
                            {"largest", largest.value},
                            {"largest_from", largest.source},
                            {"images", std::move(segments)}};
    done.result = unfinished.file();
    unfinished.Finish({{"method", NameOf(options.mask.segment.method)},
                       {"share", options.mask.segment.threshold},
                       {"layers", {{name, {{"units", {json_unit}}}}}}});
    SaveOptions(options, files);
  });
  return done;
}

}  // namespace netdissect
