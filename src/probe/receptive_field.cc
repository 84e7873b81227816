#include "netdissect/probe/receptive_field.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <limits>
#include <map>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// One unit's averaged map in the making.
class Calibration {
 public:
  Calibration(const ReceptiveField& field, const Interval& canvas_y, const Interval& canvas_x)
      : field_(field), canvas_y_(canvas_y), canvas_x_(canvas_x) {
    sum_ = at::zeros({canvas_y.size(), canvas_x.size()}, at::kFloat);
    count_ = at::zeros({canvas_y.size(), canvas_x.size()}, at::kFloat);
  }

  // `map` (H, W) of an image on which the unit was read at (y, x); `covered` is 1 where a map has a
  // value at all, 0 elsewhere.
  void Add(const at::Tensor& map, const at::Tensor& covered, int y, int x) {
    const Overlap rows = OverlapOf(canvas_y_, field_.y, y, map.size(0));
    const Overlap columns = OverlapOf(canvas_x_, field_.x, x, map.size(1));
    if (rows.count < 1 || columns.count < 1) return;
    const auto cut = [](const at::Tensor& from, int64_t row, int64_t column, int64_t height,
                        int64_t width) {
      return from.narrow(0, row, height).narrow(1, column, width);
    };
    cut(sum_, rows.canvas, columns.canvas, rows.count, columns.count)
        .add_(cut(map, rows.image, columns.image, rows.count, columns.count));
    cut(count_, rows.canvas, columns.canvas, rows.count, columns.count)
        .add_(cut(covered, rows.image, columns.image, rows.count, columns.count));
  }

  at::Tensor Mean() const { return sum_ / count_.clamp_min(1); }

 private:
  struct Overlap {
    int64_t canvas, image, count;
  };

  // Canvas row i is image row canvas.start + stride * position + i.
  static Overlap OverlapOf(const Interval& canvas, const AxisField& field, int position,
                           int64_t size) {
    const int64_t shift = canvas.start + field.stride * position;
    const int64_t begin = std::max<int64_t>(shift, 0);
    const int64_t end = std::min<int64_t>(shift + canvas.size(), size);
    return {begin - shift, begin, end - begin};
  }

  ReceptiveField field_;
  Interval canvas_y_, canvas_x_;
  at::Tensor sum_, count_;
};

// The field widened by what an occluder can reach; no larger than the image for a unit that sees
// all.
Interval Canvas(const std::string& layer, const AxisField& field, int patch, int size) {
  // Some times the largest image; averaged maps of more pixels would fill any memory.
  constexpr int64_t kMostPixels = 1 << 16;
  const Interval wide = {field.start - (patch - 1), field.end + (patch - 1)};
  if (field.everything) {
    return {std::max<int64_t>(wide.start, 0), std::min<int64_t>(wide.end, size - 1)};
  }
  if (wide.size() > kMostPixels) {
    Fail("layer {}: expected a receptive field of at most {} pixels, found {}", layer, kMostPixels,
         wide.size());
  }
  return wide;
}

// The responses that a unit's field is measured on: of a unit that never fires, none.
std::vector<UnitResponse> Used(const FieldRequest::Unit& unit, const FieldOptions& options) {
  std::vector<UnitResponse> used;
  for (const UnitResponse& response : unit.top) {
    if (response.value > 0 && used.size() < static_cast<size_t>(options.k))
      used.push_back(response);
  }
  return used;
}

struct Pending {
  size_t request, unit;  // indices
  UnitResponse response;
};

// Units, counted over all requests, whose maps are in memory together.
std::vector<std::vector<std::pair<size_t, size_t>>> GroupByMemory(
    const std::vector<FieldRequest>& requests, const std::vector<LayerFields>& fields,
    int64_t memory) {
  std::vector<std::vector<std::pair<size_t, size_t>>> groups(1);
  int64_t used = 0;
  for (size_t r = 0; r < requests.size(); ++r) {
    const int64_t bytes =
        fields[r].canvas_y.size() * fields[r].canvas_x.size() * 2 * int64_t{sizeof(float)};
    for (size_t u = 0; u < requests[r].units.size(); ++u) {
      if (used + bytes > memory && !groups.back().empty()) {
        groups.emplace_back();
        used = 0;
      }
      groups.back().emplace_back(r, u);
      used += bytes;
    }
  }
  return groups;
}

// Mean of `size(unit)` over the units that are not silent.
template <typename Size>
double MeanOf(const std::vector<UnitField>& units, const Size& size) {
  double sum = 0;
  int count = 0;
  for (const UnitField& unit : units) {
    if (unit.silent) continue;
    sum += size(unit);
    ++count;
  }
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count;
}

}  // namespace

void FieldOptions::Validate() const {
  if (k < 1) Fail("rf: expected k of at least 1, found {}", k);
  if (!(threshold > 0 && threshold < 1)) {
    Fail("rf: expected a threshold between 0 and 1, found {}", threshold);
  }
  if (memory < (int64_t{16} << 20))
    Fail("rf: expected memory of at least 16 MiB, found {}", memory);
}

double LayerFields::Mean() const {
  return MeanOf(units, [](const UnitField& unit) { return unit.size; });
}

double LayerFields::MeanAt(size_t i) const {
  return MeanOf(units, [i](const UnitField& unit) { return unit.sizes[i]; });
}

double LayerFields::Deviation() const {
  const double mean = Mean();
  double sum = 0;
  int count = 0;
  for (const UnitField& unit : units) {
    if (unit.silent) continue;
    sum += (unit.size - mean) * (unit.size - mean);
    ++count;
  }
  return count < 2 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(sum / (count - 1));
}

double FieldSize(const at::Tensor& map, double threshold) {
  const float largest = map.max().item<float>();
  if (!(largest > 0)) return 0;
  const auto area = (map > threshold * static_cast<double>(largest)).sum().item<int64_t>();
  return std::sqrt(static_cast<double>(area));
}

at::Tensor DiscrepancyOf(const OcclusionResponse& response, Discrepancy kind) {
  return kind == Discrepancy::kDrop ? response.change.neg().clamp_min(0) : response.change.abs();
}

std::vector<ImageUnits> UnitsByImage(const std::vector<FieldRequest>& requests,
                                     const FieldOptions& options) {
  std::map<int64_t, std::vector<UnitPosition>> by_image;
  for (const FieldRequest& request : requests) {
    for (const FieldRequest::Unit& unit : request.units) {
      for (const UnitResponse& response : Used(unit, options)) {
        by_image[response.image].push_back({request.layer, unit.unit, response.y, response.x});
      }
    }
  }
  std::vector<ImageUnits> list;
  for (auto& [image, units] : by_image) list.push_back({image, std::move(units)});
  return list;
}

std::vector<LayerFields> MeasureFields(const Network& network, OcclusionEngine& engine,
                                       const OccluderSet& occluders,
                                       const std::vector<FieldRequest>& requests,
                                       const ImageSource& image, const FieldSink& sink,
                                       const FieldOptions& options, Observer& observer) {
  options.Validate();
  const c10::InferenceMode inference;
  const std::vector<ReceptiveField> theoretical = TheoreticalFields(network);
  const int height = network.input().height, width = network.input().width;
  // A grid of occluders may leave the last rows and columns of the image uncovered.
  const at::Tensor covered =
      PixelMap(at::ones({occluders.rows(), occluders.columns()}), occluders, height, width);
  std::vector<LayerFields> results;
  int64_t total = 0, done = 0;
  for (const FieldRequest& request : requests) {
    LayerFields layer;
    layer.name = request.name;
    layer.theoretical = theoretical[static_cast<size_t>(request.layer)];
    layer.canvas_y = Canvas(layer.name, layer.theoretical.y, occluders.patch(), height);
    layer.canvas_x = Canvas(layer.name, layer.theoretical.x, occluders.patch(), width);
    for (const FieldRequest::Unit& unit : request.units) {
      UnitField field;
      field.unit = unit.unit;
      field.images = Used(unit, options);
      field.silent = field.images.empty();
      total += static_cast<int64_t>(field.images.size());
      layer.units.push_back(std::move(field));
    }
    results.push_back(std::move(layer));
  }

  for (const auto& group : GroupByMemory(requests, results, options.memory)) {
    std::map<int64_t, std::vector<Pending>> by_image;
    std::map<std::pair<size_t, size_t>, Calibration> calibrations;
    for (const auto& [r, u] : group) {
      const LayerFields& layer = results[r];
      calibrations.emplace(std::make_pair(r, u),
                           Calibration(layer.theoretical, layer.canvas_y, layer.canvas_x));
      for (const UnitResponse& response : layer.units[u].images) {
        by_image[response.image].push_back({r, u, response});
      }
    }
    for (const auto& [index, pending] : by_image) {
      std::vector<UnitPosition> units;
      for (const Pending& p : pending) {
        units.push_back({requests[p.request].layer, results[p.request].units[p.unit].unit,
                         p.response.y, p.response.x});
      }
      const std::vector<OcclusionResponse> responses = engine.Respond(image(index), units);
      for (size_t i = 0; i < pending.size(); ++i) {
        const Pending& p = pending[i];
        const at::Tensor map =
            PixelMap(DiscrepancyOf(responses[i], options.discrepancy), occluders, height, width);
        calibrations.at({p.request, p.unit}).Add(map, covered, p.response.y, p.response.x);
      }
      done += static_cast<int64_t>(pending.size());
      observer.Progress("unit-image pairs", done, total);
      if (done < total) CheckStop(observer, "unit-image pairs", done, total);
    }
    for (const auto& [r, u] : group) {
      UnitField& unit = results[r].units[u];
      unit.map = calibrations.at({r, u}).Mean();
      unit.size = FieldSize(unit.map, options.threshold);
      for (const double threshold : kSensitivityThresholds) {
        unit.sizes.push_back(FieldSize(unit.map, threshold));
      }
      if (unit.size == 0) unit.silent = true;
      sink(results[r], unit);
      unit.map.reset();
    }
  }
  return results;
}

}  // namespace netdissect
