// segment --image: given pictures by one unit, of the network or of maps from another program.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <spdlog/spdlog.h>

#include <iostream>
#include <set>

#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "netdissect/probe/map_file.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/record_report.h"
#include "netdissect/report/segment_report.h"
#include "segment.h"

namespace netdissect {
namespace {

// The unit's largest activation, and where it is known from.
struct Largest {
  float value = 0;
  std::string source;
};

// From the option, else from a recording of the network, else from the pictures themselves. A map
// from a file is of some other network, which no recording here is of.
Largest FindLargest(const SegmentCommand& options, const CLI::App& command, const Model& model,
                    const std::vector<at::Tensor>& maps) {
  if (options.largest > 0) return {static_cast<float>(options.largest), "--largest"};
  if (options.maps.empty()) {
    const Path file =
        ResultFolder(options.recording.folder, options.input.networks.front(), "record.json") /
        "record.json";
    const bool asked = command.get_option("--record")->count() > 0;
    if (asked || std::filesystem::exists(file)) {
      try {
        const RecordedLayer layer =
            ReadRecordedLayers(file, model.digest, options.input.layers).front();
        const RecordedUnit& unit = layer.units.at(static_cast<size_t>(options.unit));
        if (!unit.top.empty()) return {unit.top.front().value, file.string()};
      } catch (const Error& error) {
        if (asked) throw;
        spdlog::info("not used: {}", error.what());
      }
    }
  }
  float largest = 0;
  for (const at::Tensor& map : maps) largest = std::max(largest, map.max().item<float>());
  return {largest, maps.size() == 1 ? "this picture" : "these pictures"};
}

std::vector<at::Tensor> MapsOf(const SegmentCommand& options, const Model& model, int layer,
                               const ImageSets& set) {
  const Shape& shape = model.network.layer(layer).shape;
  std::vector<at::Tensor> maps;
  for (const std::string& file : options.maps) {
    maps.push_back(ReadMapFile(file, shape, options.unit));
  }
  if (!maps.empty()) return maps;
  if (options.unit >= shape.units) {
    Fail("--unit {}: layer {} has units 0 to {}", options.unit, options.input.layers.front(),
         shape.units - 1);
  }
  UnitOnImages wanted{layer, options.unit, AllOf(set)};
  maps.resize(wanted.images.size());
  VisitUnitMaps(model, set, {wanted},
                [&](size_t, size_t place, const at::Tensor& map, const cv::Mat&) {
                  maps[place] = map.clone();
                });
  return maps;
}

// A file for each picture, named after it; pictures of one name are numbered.
std::vector<Path> FilesOf(const Path& folder, const std::vector<std::string>& pictures) {
  std::set<std::string> taken;
  std::vector<Path> files;
  for (const std::string& picture : pictures) {
    const std::string stem = Path(picture).stem().string();
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = fmt::format("{}_{}", stem, number);
    }
    files.push_back(folder / (name + ".png"));
  }
  return files;
}

}  // namespace

void RunSegmentPictures(const SegmentCommand& options, const CLI::App& command, Context& context) {
  const Path folder = options.input.out;
  RequireWritableFolder(folder);
  const std::string& descriptor = options.input.networks.front();
  const std::string& name = options.input.layers.front();
  const Model model = LoadOn(context, descriptor, context.console);
  const int layer = FindSpatialLayer(model.network, name);
  const std::optional<MeasuredFields> fields = MeasuredFieldsOf(options, descriptor, model);
  std::vector<cv::Mat> pictures;
  for (const std::string& file : options.pictures) pictures.push_back(DecodeImage(file));
  const std::vector<at::Tensor> maps =
      MapsOf(options, model, layer, {SetOfFiles(options.pictures)});
  const Largest largest = FindLargest(options, command, model, maps);
  if (!(largest.value > 0)) {
    context.console.Warning("the unit is nowhere positive: it segments nothing");
  }

  UnitSegmenter segmenter(options, name, GeometryOf(model.network, layer), fields);
  const std::vector<Path> files = FilesOf(folder / "segment", options.pictures);
  Json segments = Json::array();
  std::vector<cv::Mat> plain, segmented;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const cv::Mat mask = segmenter.Mask(options.unit, maps[i], largest.value, pictures[i].size());
    WritePng(files[i], DrawSegment(pictures[i], mask));
    plain.push_back(SegmentTile(pictures[i], cv::Mat(pictures[i].size(), CV_8U, cv::Scalar(255))));
    segmented.push_back(SegmentTile(pictures[i], mask));
    segments.push_back(SegmentJson(options.pictures[i], maps[i].max().item<float>(),
                                   LevelOf(options, largest.value), mask));
    if (!options.json) {
      std::cout << fmt::format(
          "{}: {:.1f}% of the pixels, in {}\n", options.pictures[i],
          100.0 * segments.back()["area"].get<double>() / static_cast<double>(mask.total()),
          files[i].string());
    }
  }
  const std::string unit = options.unit < 0 ? "" : fmt::format(" unit {}", options.unit);
  WritePng(folder / "sheet.png",
           Framed(Column({SegmentRow(name + unit, plain), Row(segmented, 4)}, 4)));
  Provenance provenance = ProvenanceOf(command, context);
  provenance.Add(model);
  const Json json_unit = {{"unit", options.unit < 0 ? Json() : Json(options.unit)},
                          {"largest", largest.value},
                          {"largest_from", largest.source},
                          {"images", std::move(segments)}};
  const Json json = WithHeader(provenance, {{"method", options.method},
                                            {"share", options.segment.threshold},
                                            {"layers", {{name, {{"units", {json_unit}}}}}}});
  WriteJson(folder / "segment.json", json);
  SaveOptions(folder, command);
  if (options.json) std::cout << json.dump(2) << "\n";
}

}  // namespace netdissect
