#include "netdissect/probe/receptive_field.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/random.h"
#include "netdissect/base/error.h"
#include "probe/bounded_responses.h"
#include "probe/calibration.h"

namespace netdissect {
namespace {

// Discrepancies of one response: those within the box of the occluders that change the unit.
class ChangedBox {
 public:
  explicit ChangedBox(const at::Tensor& discrepancy)
      : rows_(discrepancy.size(0)), columns_(discrepancy.size(1)) {
    const at::Tensor changed = discrepancy != 0;
    Span(changed.any(1), top_, height_);
    Span(changed.any(0), left_, width_);
    values_ = Cut(discrepancy).clone();
  }

  // (rows, columns), 0 outside of the box.
  at::Tensor Whole() const {
    const at::Tensor whole = at::zeros({rows_, columns_}, at::kFloat);
    Cut(whole).copy_(values_);
    return whole;
  }

 private:
  // First and number of elements from the first to the last that is set.
  static void Span(const at::Tensor& set, int64_t& first, int64_t& count) {
    const bool* flags = set.data_ptr<bool>();
    const bool* end = flags + set.numel();
    const bool* begin = std::find(flags, end, true);
    first = begin - flags;
    while (end > begin && !*(end - 1)) --end;
    count = end - begin;
    if (count == 0) first = 0;
  }

  at::Tensor Cut(const at::Tensor& from) const {
    return from.narrow(0, top_, height_).narrow(1, left_, width_);
  }

  int64_t rows_, columns_, top_ = 0, left_ = 0, height_ = 0, width_ = 0;
  at::Tensor values_;
};

// The field widened by what an occluder can reach; no larger than the image for a unit that sees
// all, but for how far images are moved to match.
Interval Canvas(const std::string& layer, const AxisField& field, int positions, int patch,
                int size) {
  // Some times the largest image; averaged maps of more pixels would fill any memory.
  constexpr int64_t kMostPixels = 1 << 16;
  Interval wide = {field.start - (patch - 1), field.end + (patch - 1)};
  if (field.everything) {
    const int64_t moved = std::max(std::abs(field.Shift(0)), std::abs(field.Shift(positions - 1)));
    wide = {std::max<int64_t>(wide.start, 0) - moved,
            std::min<int64_t>(wide.end, size - 1) + moved};
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
  size_t request, unit, k;  // indices
};

// Units, counted over all requests, whose responses are in memory together: of each those of the
// occluders that touch the field, at most.
std::vector<std::vector<std::pair<size_t, size_t>>> GroupByMemory(
    const std::vector<FieldRequest>& requests, const std::vector<LayerFields>& fields,
    const OccluderSet& occluders, int64_t memory) {
  std::vector<std::vector<std::pair<size_t, size_t>>> groups(1);
  int64_t used = 0;
  for (size_t r = 0; r < requests.size(); ++r) {
    const auto touching = [&](const Interval& canvas, int most) {
      return std::min<int64_t>(canvas.size() / occluders.stride() + 1, most);
    };
    const int64_t response = touching(fields[r].canvas_y, occluders.rows()) *
                             touching(fields[r].canvas_x, occluders.columns()) *
                             int64_t{sizeof(float)};
    for (size_t u = 0; u < requests[r].units.size(); ++u) {
      const int64_t bytes = response * static_cast<int64_t>(fields[r].units[u].images.size());
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

// Step 4, and what the size depends on.
void MeasureUnit(const CalibratedMaps& maps, const std::vector<int>& counts,
                 const FieldOptions& options, UnitField& unit) {
  unit.sizes.assign(kSensitivityThresholds.size(), std::vector<double>(counts.size()));
  for (size_t j = 0; j < counts.size(); ++j) {
    unit.map = maps.Mean(counts[j]);  // at last of all images
    for (size_t i = 0; i < kSensitivityThresholds.size(); ++i) {
      unit.sizes[i][j] = FieldSize(unit.map, kSensitivityThresholds[i]);
    }
  }
  unit.size = FieldSize(unit.map, options.threshold);
  unit.silent = unit.size == 0;
  const uint64_t seed = Mix(options.seed ^ static_cast<uint64_t>(unit.unit));
  unit.deviation = maps.SizeDeviation(options.threshold, options.resamples, seed);
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
  if (resamples < 2) Fail("rf: expected at least 2 bootstrap samples, found {}", resamples);
  if (memory < (int64_t{16} << 20))
    Fail("rf: expected memory of at least 16 MiB, found {}", memory);
}

double LayerFields::Mean() const {
  return MeanOf(units, [](const UnitField& unit) { return unit.size; });
}

double LayerFields::MeanAt(size_t i, size_t j) const {
  return MeanOf(units, [i, j](const UnitField& unit) { return unit.sizes[i][j]; });
}

std::vector<int> SensitivityCounts(int k) {
  std::vector<int> counts;
  for (int count = 5; count < std::min(k, 30); count += 5) counts.push_back(count);
  counts.push_back(k);
  return counts;
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
  const at::Tensor values = map.to(at::kFloat).contiguous();
  return SizeOf(values.data_ptr<float>(), values.numel(), threshold);
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
    const Shape& shape = network.layer(request.layer).shape;
    layer.canvas_y =
        Canvas(layer.name, layer.theoretical.y, shape.height, occluders.patch(), height);
    layer.canvas_x = Canvas(layer.name, layer.theoretical.x, shape.width, occluders.patch(), width);
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

  const std::vector<int> counts = SensitivityCounts(options.k);
  for (const auto& group : GroupByMemory(requests, results, occluders, options.memory)) {
    std::map<int64_t, std::vector<Pending>> by_image;
    std::map<std::pair<size_t, size_t>, std::vector<std::optional<ChangedBox>>> kept;
    for (const auto& [r, u] : group) {
      const std::vector<UnitResponse>& images = results[r].units[u].images;
      kept[{r, u}].resize(images.size());
      for (size_t k = 0; k < images.size(); ++k) by_image[images[k].image].push_back({r, u, k});
    }
    for (const auto& entry : by_image) {
      const std::vector<Pending>& pending = entry.second;
      std::vector<UnitPosition> units;
      for (const Pending& p : pending) {
        const UnitField& unit = results[p.request].units[p.unit];
        units.push_back(
            {requests[p.request].layer, unit.unit, unit.images[p.k].y, unit.images[p.k].x});
      }
      RespondWithin(options.memory, engine, occluders, image(entry.first), units,
                    [&](size_t i, const OcclusionResponse& response) {
                      const Pending& p = pending[i];
                      kept.at({p.request, p.unit})[p.k].emplace(
                          DiscrepancyOf(response, options.discrepancy).to(at::kCPU, at::kFloat));
                    });
      done += static_cast<int64_t>(pending.size());
      observer.Progress("unit-image pairs", done, total);
      if (done < total) CheckStop(observer, "unit-image pairs", done, total);
    }
    for (const auto& [r, u] : group) {
      const LayerFields& layer = results[r];
      UnitField& unit = results[r].units[u];
      CalibratedMaps maps(layer.theoretical, layer.canvas_y, layer.canvas_x,
                          static_cast<int64_t>(unit.images.size()));
      std::vector<std::optional<ChangedBox>>& boxes = kept.at({r, u});
      for (size_t k = 0; k < boxes.size(); ++k) {
        maps.Add(PixelMap(boxes[k]->Whole(), occluders, height, width), covered, unit.images[k].y,
                 unit.images[k].x);
        boxes[k].reset();
      }
      MeasureUnit(maps, counts, options, unit);
      sink(layer, unit);
      unit.map.reset();
    }
  }
  return results;
}

}  // namespace netdissect
