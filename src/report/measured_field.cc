#include "report/measured_field.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/file_digests.h"
#include "base/json.h"
#include "base/json_number.h"
#include "base/limits.h"
#include "base/npy.h"
#include "base/text.h"
#include "netdissect/base/error.h"
#include "report/run_folder.h"
#include "report/unfinished.h"

namespace netdissect {

MeasuredFields::MeasuredFields(const Path& folder, const std::string& network_digest)
    : folder_(folder), file_(RunFiles(folder).Result(ResultKind::kFields)) {
  if (const auto unfinished = UnfinishedAt(file_, ResultKind::kFields)) Fail("{}", *unfinished);
  const Json json = ReadJson(file_);
  const auto origin = [&](const Json& value) {
    const int pixels = WholeNumber<int>(value);
    if (pixels >= -kLongestSide && pixels <= kLongestSide) return pixels;
    Fail("{}: key \"map_origin\": expected at most {} pixels, found {}", file_.string(),
         kLongestSide, pixels);
  };
  try {
    const auto digest = json.at("netdissect").at("network").at("digest").get<std::string>();
    if (digest != network_digest) {
      Fail("{}: expected fields of the network with digest {}, found {}", file_.string(),
           network_digest, digest);
    }
    for (const auto& [name, layer] : json.at("layers").items()) {
      const Json& mean = layer.at("mean");
      Layer& to = layers_[name];
      to.maps = layer.value("maps", "");
      to.mean = mean.is_null() ? std::numeric_limits<double>::quiet_NaN() : mean.get<double>();
      to.threshold = layer.at("threshold").get<double>();
      to.origin_y = origin(layer.at("map_origin").at(0));
      to.origin_x = origin(layer.at("map_origin").at(1));
      for (const Json& unit : layer.at("units")) {
        if (unit.at("size").is_null()) continue;  // silent
        const int number = WholeNumber<int>(unit.at("unit"));
        to.sizes[number] = unit.at("size").get<double>();
        if (unit.contains("digest")) to.digests[number] = unit["digest"].get<std::string>();
      }
    }
  } catch (const nlohmann::json::exception& error) {
    Fail("{}: expected receptive fields as `rf` writes them: {}", file_.string(), error.what());
  }
}

const MeasuredFields::Layer& MeasuredFields::Find(const std::string& layer) const {
  const auto found = layers_.find(layer);
  if (found != layers_.end() && std::isfinite(found->second.mean)) return found->second;
  std::vector<std::string> names;
  for (const auto& each : layers_) names.push_back(each.first);
  Fail("{}: expected measured fields of layer {} (`rf --layer {}`), found {}", file_.string(),
       layer, layer, found != layers_.end() ? "silent units only" : Join(names));
}

bool MeasuredFields::Measured(const std::string& layer, int unit) const {
  return Find(layer).sizes.count(unit) != 0;
}

double MeasuredFields::SizeOf(const std::string& layer, int unit) const {
  const Layer& fields = Find(layer);
  const auto found = fields.sizes.find(unit);
  return found == fields.sizes.end() ? fields.mean : found->second;
}

EmpiricalField MeasuredFields::FieldOf(const std::string& layer, const LayerGeometry& geometry,
                                       int unit) const {
  if (!Measured(layer, unit)) return SquareField(geometry, SizeOf(layer, unit));
  const Layer& fields = Find(layer);
  const Path map = FieldMapIn(folder_, fields.maps, layer, unit);
  if (const auto digest = fields.digests.find(unit); digest != fields.digests.end()) {
    const std::string found = DigestOfFile(map);
    if (found != digest->second) {
      Fail(
          "{}: is not as it was written: expected the digest {} that {} says, found {}; run `rf` "
          "again",
          map.string(), digest->second, file_.filename().string(), found);
    }
  }
  const NpyArray array = ReadNpy(map);
  const ReceptiveField& field = geometry.field;
  // The canvas of the averaged map: the theoretical field widened alike on both sides, or the image
  // widened by how far positions lie from its middle.
  const auto canvas = [&](const AxisField& axis, int origin, size_t dimension) {
    if (!axis.everything) return axis.size() - int64_t{2} * origin;
    return dimension < array.shape.size() ? array.shape[dimension] : 0;
  };
  const int64_t height = canvas(field.y, fields.origin_y, 0);
  const int64_t width = canvas(field.x, fields.origin_x, 1);
  if (array.shape != std::vector<int64_t>{height, width}) {
    Fail("{}: expected the {} x {} values of a field of layer {}, found {}", map.string(), height,
         width, layer, fmt::join(array.shape, " x "));
  }
  if (array.values.empty()) Fail("{}: expected a map of a field, found no value", map.string());
  const float level = static_cast<float>(fields.threshold) *
                      *std::max_element(array.values.begin(), array.values.end());
  cv::Mat mask(static_cast<int>(height), static_cast<int>(width), CV_8U);
  std::transform(array.values.begin(), array.values.end(), mask.ptr<uchar>(),
                 [&](float value) { return static_cast<uchar>(value > level ? 255 : 0); });
  return {mask,
          {NearPixel(field.x.start + fields.origin_x), NearPixel(field.y.start + fields.origin_y)}};
}

}  // namespace netdissect
