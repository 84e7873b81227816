#include "netdissect/study/unit_labels.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/parallel.h"
#include "netdissect/base/error.h"
#include "study/bit_mask.h"
#include "study/truth_stream.h"

namespace netdissect {
namespace {

// What is counted of one unit.
struct UnitCounts {
  float threshold = 0;
  std::set<int64_t> top;        // images that precision is taken from
  int64_t area = 0;             // pixels of the unit's masks
  int64_t top_fired = 0;        // of the top images, those with a mask
  std::vector<int64_t> shared;  // with the objects of each name, pixels
  std::vector<int64_t>
      top_touched;  // top images in which the mask touches the objects of each name
};

struct NameCounts {
  int64_t images = 0;
  int64_t pixels = 0;
};

// What is seen on an image as masks, one for each name in `shown`.
std::vector<BitMask> MasksOf(const ImageTruth& truth) {
  const int height = truth.names.rows, width = truth.names.cols;
  const auto words = static_cast<size_t>(WordsOf(width));
  std::vector<BitMask> masks(truth.shown.size());
  if (masks.empty()) return masks;
  // Of every name where its mask is in the list.
  std::vector<size_t> place(static_cast<size_t>(truth.shown.back()) + 1);
  for (size_t i = 0; i < masks.size(); ++i) {
    place[static_cast<size_t>(truth.shown[i])] = i;
    masks[i].first = height;
    masks[i].area = truth.areas[i];
  }
  for (int pass = 0; pass < 2; ++pass) {  // rows first, so that masks take no more than those
    for (int y = 0; y < height; ++y) {
      const int* row = truth.names.ptr<int>(y);
      for (int x = 0; x < width; ++x) {
        if (row[x] < 0) continue;
        BitMask& mask = masks[place[static_cast<size_t>(row[x])]];
        if (pass == 0) {
          mask.first = std::min(mask.first, y);
          mask.end = y + 1;
        } else {
          mask.bits[static_cast<size_t>(y - mask.first) * words + static_cast<size_t>(x / 64)] |=
              uint64_t{1} << (x % 64);
        }
      }
    }
    for (BitMask& mask : masks) {
      if (pass == 0) mask.bits.resize(static_cast<size_t>(mask.end - mask.first) * words);
    }
  }
  return masks;
}

void Count(const BitMask& mask, const ImageTruth& truth, const std::vector<BitMask>& objects,
           int words, UnitCounts& unit) {
  if (mask.area == 0) return;
  unit.area += mask.area;
  const bool is_top = unit.top.count(truth.image) != 0;
  unit.top_fired += is_top ? 1 : 0;
  for (size_t i = 0; i < objects.size(); ++i) {
    const int64_t shared = CountBoth(mask, objects[i], words);
    if (shared == 0) continue;
    const auto name = static_cast<size_t>(truth.shown[i]);
    unit.shared[name] += shared;
    unit.top_touched[name] += is_top ? 1 : 0;
  }
}

// A layer while it is labelled.
struct LayerCounts {
  int layer = 0;  // index in the network
  std::vector<UnitCounts> units;
};

// What a batch's images show, for all layers.
class Truth {
 public:
  void Begin(const TruthBatch& batch, size_t names) {
    objects_.assign(batch.images.size(), {});
    ParallelFor(0, static_cast<int64_t>(objects_.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        objects_[static_cast<size_t>(i)] = MasksOf(batch.images[static_cast<size_t>(i)]);
      }
    });
    totals_.resize(names);
    for (const ImageTruth& truth : batch.images) {
      for (size_t i = 0; i < truth.shown.size(); ++i) {
        NameCounts& total = totals_[static_cast<size_t>(truth.shown[i])];
        ++total.images;
        total.pixels += truth.areas[i];
      }
    }
  }

  const std::vector<BitMask>& ObjectsOf(size_t image) const { return objects_[image]; }
  const std::vector<NameCounts>& totals() const { return totals_; }

  void Save(ByteWriter& out) const { out.Put(totals_); }
  void Add(ByteReader& in, const std::vector<int>& number_of, size_t names) {
    totals_.resize(names);
    const auto more = in.Get<std::vector<NameCounts>>();
    for (size_t i = 0; i < more.size(); ++i) {
      NameCounts& total = totals_[static_cast<size_t>(number_of.at(i))];
      total.images += more[i].images;
      total.pixels += more[i].pixels;
    }
  }

 private:
  std::vector<std::vector<BitMask>> objects_;  // by image: a mask for each name shown
  std::vector<NameCounts> totals_;             // by name, over all batches
};

void CountLayer(const TruthBatch& batch, const Truth& truths,
                const std::vector<UnitMapScaler>& scalers, const at::Tensor& activations,
                LayerCounts& layer) {
  const size_t names = truths.totals().size();
  const int64_t units = activations.size(1), positions = activations.size(2) * activations.size(3);
  const float* data = activations.data_ptr<float>();
  // A unit belongs to one thread, and its images come in order.
  ParallelFor(0, units, 16, [&](int64_t begin, int64_t end) {
    BitMask mask;
    for (int64_t u = begin; u < end; ++u) {
      layer.units[static_cast<size_t>(u)].shared.resize(names);
      layer.units[static_cast<size_t>(u)].top_touched.resize(names);
    }
    for (size_t i = 0; i < batch.images.size(); ++i) {
      const ImageTruth& truth = batch.images[i];
      UnitMasker masker(scalers[i]);
      for (int64_t u = begin; u < end; ++u) {
        UnitCounts& unit = layer.units[static_cast<size_t>(u)];
        masker(data + (truth.row * units + u) * positions, unit.threshold, mask);
        Count(mask, truth, truths.ObjectsOf(i), WordsOf(truth.names.cols), unit);
      }
    }
  });
}

void Save(const LayerCounts& layer, ByteWriter& out) {
  for (const UnitCounts& unit : layer.units) {
    out.Put(unit.area);
    out.Put(unit.top_fired);
    out.Put(unit.shared);
    out.Put(unit.top_touched);
  }
}

void Add(ByteReader& in, const std::vector<int>& number_of, size_t names, LayerCounts& layer) {
  const auto add = [&](std::vector<int64_t>& counts) {
    counts.resize(names);
    const auto more = in.Get<std::vector<int64_t>>();
    for (size_t i = 0; i < more.size(); ++i) {
      counts[static_cast<size_t>(number_of.at(i))] += more[i];
    }
  };
  for (UnitCounts& unit : layer.units) {
    unit.area += in.Get<int64_t>();
    unit.top_fired += in.Get<int64_t>();
    add(unit.shared);
    add(unit.top_touched);
  }
}

UnitLabel LabelOf(int number, const UnitCounts& unit, const std::vector<std::string>& names,
                  const std::vector<NameCounts>& totals, const LabelOptions& options) {
  std::vector<std::pair<ObjectMatch, size_t>> matches;
  for (size_t name = 0; name < unit.shared.size(); ++name) {
    if (unit.shared[name] == 0 || totals[name].images < options.min_images) continue;
    const int64_t either = unit.area + totals[name].pixels - unit.shared[name];
    const double iou = static_cast<double>(unit.shared[name]) / static_cast<double>(either);
    matches.push_back({{names[name], iou}, name});
  }
  std::sort(matches.begin(), matches.end(), [](const auto& a, const auto& b) {
    return a.first.iou != b.first.iou ? a.first.iou > b.first.iou : a.first.object < b.first.object;
  });
  UnitLabel label;
  label.unit = number;
  label.threshold = static_cast<double>(unit.threshold);
  label.iou = matches.empty() ? 0 : matches[0].first.iou;
  for (size_t i = 0; i < std::min(matches.size(), static_cast<size_t>(options.matches)); ++i) {
    label.best.push_back(matches[i].first);
  }
  if (matches.empty()) return label;
  if (unit.top_fired > 0) {
    label.precision = static_cast<double>(unit.top_touched[matches[0].second]) /
                      static_cast<double>(unit.top_fired);
  }
  if (*label.iou >= options.min_iou) {
    label.label = matches[0].first.object;
    label.group = "object";
  }
  return label;
}

std::vector<LayerCounts> StartCounting(const Model& model, const RecordResult& record,
                                       const LabelOptions& options) {
  std::vector<LayerCounts> layers;
  for (const RecordedLayer& recorded : record.layers) {
    LayerCounts layer{model.network.Find(recorded.name), {}};
    if (model.network.layer(layer.layer).shape.units != static_cast<int>(recorded.units.size())) {
      Fail("layer {}: expected a recording of {} units, found {}", recorded.name,
           model.network.layer(layer.layer).shape.units, recorded.units.size());
    }
    for (const RecordedUnit& unit : recorded.units) {
      UnitCounts& counts = layer.units.emplace_back();
      counts.threshold = static_cast<float>(unit.quantile);
      const size_t top = std::min(unit.top.size(), static_cast<size_t>(options.top));
      for (size_t i = 0; i < top; ++i) counts.top.insert(unit.top[i].image);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

void LabelOptions::Validate() const {
  if (!(min_iou >= 0 && min_iou <= 1)) {
    Fail("labels: expected a smallest intersection over union from 0 to 1, found {}", min_iou);
  }
  if (min_images < 1) Fail("labels: expected objects on at least 1 image, found {}", min_images);
  if (top < 1) Fail("labels: expected at least 1 top image, found {}", top);
  if (matches < 1) Fail("labels: expected at least 1 match a unit, found {}", matches);
  pass.Validate("labels");
}

UnitLabelsResult LabelUnits(const Model& model, const ImageSets& images, const RecordResult& record,
                            const LabelOptions& options, Observer& observer) {
  options.Validate();
  std::vector<LayerCounts> layers = StartCounting(model, record, options);
  std::vector<int> wanted;
  for (const LayerCounts& layer : layers) wanted.push_back(layer.layer);
  const std::vector<ReceptiveField> fields = TheoreticalFields(model.network);
  NameNumbers names;
  Truth truth;
  TruthVisitor visitor;
  visitor.begin = [&](const TruthBatch& batch) { truth.Begin(batch, names.names().size()); };
  visitor.layer = [&](const TruthBatch& batch, size_t which, const at::Tensor& activations) {
    CountLayer(batch, truth, ScalersFor(model, fields, wanted[which], batch), activations,
               layers[which]);
  };
  visitor.save = [&](ByteWriter& out) {
    truth.Save(out);
    for (const LayerCounts& layer : layers) Save(layer, out);
  };
  visitor.add = [&](ByteReader& in, const std::vector<int>& number_of) {
    const size_t all = names.names().size();
    truth.Add(in, number_of, all);
    for (LayerCounts& layer : layers) Add(in, number_of, all, layer);
  };
  const TruthSummary summary =
      ForEachTruth(model, images, wanted, visitor, names, options.pass, observer);
  const std::vector<NameCounts>& totals = truth.totals();
  UnitLabelsResult result;
  result.annotated = summary.annotated;
  result.unannotated = summary.unannotated;
  result.out_of_view = summary.out_of_view;
  result.skipped = summary.skipped;
  result.seconds = summary.seconds;
  for (size_t i = 0; i < totals.size(); ++i) {
    result.objects.push_back({names.names()[i], totals[i].images, totals[i].pixels});
  }
  std::sort(result.objects.begin(), result.objects.end(),
            [](const ObjectCount& a, const ObjectCount& b) { return a.name < b.name; });
  for (size_t l = 0; l < layers.size(); ++l) {
    LayerLabels& labels = result.layers.emplace_back();
    labels.name = record.layers[l].name;
    for (const UnitCounts& unit : layers[l].units) {
      labels.units.push_back(
          LabelOf(static_cast<int>(labels.units.size()), unit, names.names(), totals, options));
    }
  }
  return result;
}

}  // namespace netdissect
