#include "netdissect/study/unit_quality.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/bytes.h"
#include "base/parallel.h"
#include "base/random.h"
#include "data/object_names.h"
#include "netdissect/base/error.h"
#include "study/truth_stream.h"

namespace netdissect {
namespace {

// A unit while it is evaluated. Both halves of the images are counted apart.
struct CountedUnit {
  int unit = 0;
  int object = 0;  // number of its label's name
  float largest = 0;
  int64_t images = 0;  // that show the object
  struct Half {
    std::vector<int64_t> counts;  // by level: pixels of others, then of the object
    int64_t objects = 0, pixels = 0;
  };
  Half halves[2];
};

struct CountedLayer {
  int layer = 0;  // index in the network
  std::vector<CountedUnit> units;
};

// Counts pixels by level, row by row. Rows of the map whose values are all at level 0 are not
// scaled: what is not counted is known to be there.
class LevelCounter {
 public:
  LevelCounter(const UnitMapScaler& scaler, int levels)
      : scaler_(scaler),
        levels_(levels),
        width_(static_cast<size_t>(scaler.width())),
        wide_(width_ * static_cast<size_t>(scaler.map_height())),
        counts_(static_cast<size_t>(scaler.map_height())),
        widened_(counts_.size()),
        places_(width_) {}

  void operator()(const float* map, float largest, const cv::Mat& names, int object,
                  std::vector<int64_t>& counts) {
    if (!(largest > 0)) return;
    const float scale = static_cast<float>(levels_) / largest;
    for (size_t row = 0; row < counts_.size(); ++row) {
      const float* values = map + row * static_cast<size_t>(scaler_.map_width());
      const float most = *std::max_element(values, values + scaler_.map_width());
      counts_[row] = most * scale >= 1 ? 1 : 0;
      widened_[row] = 0;
    }
    const auto counted = [&](int row) { return counts_[static_cast<size_t>(row)] != 0; };
    for (int y = 0; y < scaler_.height(); ++y) {
      const UnitMapScaler::Tap& tap = scaler_.rows()[static_cast<size_t>(y)];
      if (!counted(tap.below) && !counted(tap.above)) continue;
      FindPlaces(Widened(map, tap.below), Widened(map, tap.above), tap.weight, scale,
                 names.ptr<int>(y), object);
      for (const int place : places_) ++counts[static_cast<size_t>(place)];
    }
  }

 private:
  // Where every pixel of a row is counted: its level, and further on for those of the object.
  void FindPlaces(const float* below, const float* above, float weight, float scale,
                  const int* names, int object) {
    const float last = static_cast<float>(levels_ - 1);
    for (size_t x = 0; x < width_; ++x) {
      const float value = below[x] + weight * (above[x] - below[x]);
      const float level = std::min(std::max(value * scale, 0.0f), last);
      places_[x] = static_cast<int>(level) + (names[x] == object ? levels_ : 0);
    }
  }

  const float* Widened(const float* map, int row) {
    float* wide = wide_.data() + static_cast<size_t>(row) * width_;
    if (widened_[static_cast<size_t>(row)] == 0) {
      scaler_.WidenRow(map + static_cast<ptrdiff_t>(row) * scaler_.map_width(), wide);
      widened_[static_cast<size_t>(row)] = 1;
    }
    return wide;
  }

  const UnitMapScaler& scaler_;
  int levels_;
  size_t width_;
  std::vector<float> wide_;
  std::vector<char> counts_, widened_;
  std::vector<int> places_;
};

void CountLayer(const TruthBatch& batch, const std::vector<UnitMapScaler>& scalers,
                const at::Tensor& activations, const QualityOptions& options, CountedLayer& layer) {
  const int64_t channels = activations.size(1);
  const int64_t positions = activations.size(2) * activations.size(3);
  const float* data = activations.data_ptr<float>();
  // A unit belongs to one thread.
  ParallelFor(0, static_cast<int64_t>(layer.units.size()), 4, [&](int64_t begin, int64_t end) {
    for (size_t i = 0; i < batch.images.size(); ++i) {
      const ImageTruth& truth = batch.images[i];
      LevelCounter counter(scalers[i], options.levels);
      const size_t half = Random(options.seed, truth.image).Below(2);
      for (int64_t u = begin; u < end; ++u) {
        CountedUnit& unit = layer.units[static_cast<size_t>(u)];
        CountedUnit::Half& counts = unit.halves[half];
        counter(data + (truth.row * channels + unit.unit) * positions, unit.largest, truth.names,
                unit.object, counts.counts);
        counts.pixels += static_cast<int64_t>(truth.names.total());
        const auto shown = std::lower_bound(truth.shown.begin(), truth.shown.end(), unit.object);
        if (shown == truth.shown.end() || *shown != unit.object) continue;
        counts.objects += truth.areas[static_cast<size_t>(shown - truth.shown.begin())];
        ++unit.images;
      }
    }
  });
}

void Save(const CountedLayer& layer, ByteWriter& out) {
  for (const CountedUnit& unit : layer.units) {
    out.Put(unit.images);
    for (const CountedUnit::Half& half : unit.halves) {
      out.Put(half.counts);
      out.Put(half.objects);
      out.Put(half.pixels);
    }
  }
}

// Units' labels were named before anything else, so that their numbers are the same.
void Add(ByteReader& in, CountedLayer& layer) {
  for (CountedUnit& unit : layer.units) {
    unit.images += in.Get<int64_t>();
    for (CountedUnit::Half& half : unit.halves) {
      const auto more = in.Get<std::vector<int64_t>>();
      for (size_t i = 0; i < more.size(); ++i) half.counts.at(i) += more[i];
      half.objects += in.Get<int64_t>();
      half.pixels += in.Get<int64_t>();
    }
  }
}

// All pixels that were not counted at another level are at 0.
LevelHistogram HistogramOf(const CountedUnit::Half& half, int levels) {
  LevelHistogram histogram(levels);
  int64_t objects = 0, others = 0;
  for (int level = 1; level < levels; ++level) {
    const int64_t other = half.counts[static_cast<size_t>(level)];
    const int64_t object = half.counts[static_cast<size_t>(levels + level)];
    histogram.Add(level, false, other);
    histogram.Add(level, true, object);
    others += other;
    objects += object;
  }
  histogram.Add(0, true, half.objects - objects);
  histogram.Add(0, false, half.pixels - half.objects - others);
  return histogram;
}

UnitQuality QualityOf(const CountedUnit& unit, const std::string& label,
                      const QualityOptions& options) {
  const LevelHistogram first = HistogramOf(unit.halves[0], options.levels);
  const LevelHistogram second = HistogramOf(unit.halves[1], options.levels);
  LevelHistogram all = first;
  all.Merge(second);
  const auto share_of = [&](int level) { return static_cast<double>(level) / options.levels; };
  UnitQuality quality;
  quality.unit = unit.unit;
  quality.label = label;
  quality.largest = static_cast<double>(unit.largest);
  quality.images = unit.images;
  quality.ap = all.AveragePrecision();
  quality.chance = all.Chance();
  quality.jaccard = all.Jaccard(static_cast<int>(std::ceil(options.threshold * options.levels)));
  const int best = all.BestLevel(), half = first.BestLevel();
  quality.best_jaccard = all.Jaccard(best);
  quality.best_threshold = share_of(best);
  quality.half_threshold = share_of(half);
  quality.half_jaccard = first.Jaccard(half);
  quality.held_out_jaccard = second.Jaccard(half);
  quality.curve = all.Curve();
  return quality;
}

const RecordedLayer& FindRecorded(const RecordResult& record, const std::string& name) {
  for (const RecordedLayer& layer : record.layers) {
    if (layer.name == name) return layer;
  }
  Fail("layer {}: expected a recording of it, found none", name);
}

std::vector<CountedLayer> StartCounting(const Model& model, const RecordResult& record,
                                        const std::vector<LayerLabels>& labels,
                                        const QualityOptions& options, NameNumbers& names) {
  const ObjectNames normal;
  std::vector<CountedLayer> layers;
  for (const LayerLabels& labelled : labels) {
    const RecordedLayer& recorded = FindRecorded(record, labelled.name);
    CountedLayer layer{model.network.Find(labelled.name), {}};
    for (const UnitLabel& label : labelled.units) {
      if (label.label.empty()) continue;
      if (label.unit < 0 || static_cast<size_t>(label.unit) >= recorded.units.size()) {
        Fail("layer {}: expected units from 0 to {}, found {}", labelled.name,
             static_cast<int64_t>(recorded.units.size()) - 1, label.unit);
      }
      const std::vector<UnitResponse>& top = recorded.units[static_cast<size_t>(label.unit)].top;
      CountedUnit& unit = layer.units.emplace_back();
      unit.unit = label.unit;
      unit.object = names.Add(normal.Normalize(label.label));
      unit.largest = top.empty() ? 0 : top.front().value;
      for (CountedUnit::Half& half : unit.halves) {
        half.counts.resize(2 * static_cast<size_t>(options.levels));
      }
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<ObjectQuality> BestUnits(const std::vector<LayerQuality>& layers) {
  std::map<std::string, ObjectQuality> best;
  for (const LayerQuality& layer : layers) {
    for (const UnitQuality& unit : layer.units) {
      ObjectQuality& object = best[unit.label];
      const int units = object.units + 1;
      if (units == 1 || unit.ap > object.ap) {
        object = {unit.label, layer.name, unit.unit, 0, unit.ap, unit.jaccard};
      }
      object.units = units;
    }
  }
  std::vector<ObjectQuality> objects;
  for (const auto& [label, object] : best) objects.push_back(object);
  std::stable_sort(objects.begin(), objects.end(),
                   [](const ObjectQuality& a, const ObjectQuality& b) { return a.ap > b.ap; });
  return objects;
}

}  // namespace

void QualityOptions::Validate() const {
  if (levels < 2 || levels > 1 << 20) {
    Fail("evaluation: expected 2 to {} levels, found {}", 1 << 20, levels);
  }
  if (!(threshold > 0 && threshold < 1)) {
    Fail("evaluation: expected a threshold between 0 and 1, found {}", threshold);
  }
  pass.Validate("evaluation");
}

UnitQualityResult EvaluateUnits(const Model& model, const ImageSets& images,
                                const RecordResult& record, const std::vector<LayerLabels>& labels,
                                const QualityOptions& options, Observer& observer) {
  options.Validate();
  NameNumbers names;
  std::vector<CountedLayer> layers = StartCounting(model, record, labels, options, names);
  const size_t labelled = names.names().size();
  if (labelled == 0) Fail("evaluation: expected units that have a label, found none");
  std::vector<int> wanted;
  for (const CountedLayer& layer : layers) wanted.push_back(layer.layer);
  const std::vector<ReceptiveField> fields = TheoreticalFields(model.network);
  TruthVisitor visitor;
  visitor.begin = [](const TruthBatch&) {};
  visitor.layer = [&](const TruthBatch& batch, size_t which, const at::Tensor& activations) {
    CountLayer(batch, ScalersFor(model, fields, wanted[which], batch), activations, options,
               layers[which]);
  };
  visitor.save = [&](ByteWriter& out) {
    for (const CountedLayer& layer : layers) Save(layer, out);
  };
  visitor.add = [&](ByteReader& in, const std::vector<int>& /*number_of*/) {
    for (CountedLayer& layer : layers) Add(in, layer);
  };
  const TruthSummary summary =
      ForEachTruth(model, images, wanted, visitor, names, options.pass, observer);
  UnitQualityResult result;
  result.annotated = summary.annotated;
  result.unannotated = summary.unannotated;
  result.out_of_view = summary.out_of_view;
  result.skipped = summary.skipped;
  result.seconds = summary.seconds;
  std::map<std::string, bool> known;
  for (size_t l = 0; l < layers.size(); ++l) {
    LayerQuality& quality = result.layers.emplace_back();
    quality.name = labels[l].name;
    for (const CountedUnit& unit : layers[l].units) {
      const std::string& label = names.names()[static_cast<size_t>(unit.object)];
      known[label] = unit.images > 0;
      if (unit.images > 0) quality.units.push_back(QualityOf(unit, label, options));
    }
  }
  for (const auto& [label, is_known] : known) {
    if (!is_known) result.unknown.push_back(label);
  }
  result.objects = BestUnits(result.layers);
  return result;
}

}  // namespace netdissect
