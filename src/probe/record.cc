#include "netdissect/probe/record.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/parallel.h"
#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"
#include "nn/planar.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
void RecordOptions::Validate() const {
  if (k < 1) Fail("record: expected k of at least 1, found {}", k);
  if (layer_images < 1) Fail("record: expected at least 1 image a layer, found {}", layer_images);
  if (far < 0) Fail("record: expected at least 0 images far from firing, found {}", far);
  if (sampled < 4) Fail("record: expected a sample of at least 4 images, found {}", sampled);
  pass.Validate("record");
}

LayerRecorder::LayerRecorder(int units, const RecordOptions& options, int64_t largest)
    : layer_(static_cast<size_t>(options.layer_images)),
      units_(static_cast<size_t>(units),
             Unit{TopList<UnitResponse>(static_cast<size_t>(options.k)), QuantileSketch(largest)}),
      sample_(units, options.far > 0 ? options.sampled : 0, options.seed) {}

namespace {

// A unit belongs to one thread, with those whose activations share a cache line with its own.
constexpr int64_t kTogether = SweepCall::kMost;

// Of a few units: what is found by one sweep over their maps, unit by unit.
class Sweep {
 public:
  explicit Sweep(int64_t positions) : positions_(positions) {}

  // Whether a sweep saves anything: it does not where each value has to be looked at.
  template <typename Units>
  bool Prepare(const Units& units, int64_t first, int64_t count) {
    for (int64_t c = 0; c < count; ++c) {
      const auto wanted = units[static_cast<size_t>(first + c)].sketch.wanted();
      if (wanted.all()) return false;
      below_[c] = wanted.below;
      from_[c] = wanted.from;
    }
    return true;
  }

  const MapSummary* Run(const float* rows, int64_t apart, int64_t count) {
    values_.resize(static_cast<size_t>(positions_ * kTogether));
    channels_.resize(values_.size());
    SweepCall call{rows,   apart, positions_,     static_cast<int>(count),
                   below_, from_, values_.data(), channels_.data(),
                   maps_};
    const auto found = static_cast<size_t>(Kernels().sweep(call));
    std::fill(std::begin(ends_), std::end(ends_), 0);
    for (size_t i = 0; i < found; ++i) ++ends_[channels_[i] + 1];
    for (int64_t c = 0; c < kTogether; ++c) ends_[c + 1] += ends_[c];
    sorted_.resize(found);
    int64_t next[kTogether];
    std::copy_n(ends_, kTogether, next);
    for (size_t i = 0; i < found; ++i) {
      sorted_[static_cast<size_t>(next[channels_[i]]++)] = values_[i];
    }
    return maps_;
  }

  void AddTo(QuantileSketch& sketch, int64_t channel) const {
    const int64_t count = ends_[channel + 1] - ends_[channel];
    sketch.AddWanted(sorted_.data() + ends_[channel], count, positions_ - count);
  }

 private:
  int64_t positions_;
  float below_[kTogether] = {}, from_[kTogether] = {};
  std::vector<float> values_, sorted_;
  std::vector<int32_t> channels_;
  int64_t ends_[kTogether + 1] = {};  // of each channel's values
  MapSummary maps_[kTogether];
};

}  // namespace

void LayerRecorder::Add(const std::vector<int64_t>& indices, const at::Tensor& activations) {
  const bool apart = IsChannelsLast(activations);
  const at::Tensor values = apart ? activations : Planar(activations);
  const int64_t images = values.size(0), channels = values.size(1), width = values.size(3);
  const int64_t positions = values.size(2) * width;
  const float* data = values.data_ptr<float>();
  const RowKernels& kernels = Kernels();
  std::vector<double> sums(static_cast<size_t>(images * channels));
  std::vector<float> maxima(sums.size());
  // All but the sketch. Values of the map are `step` floats from each other.
  const auto look = [&](int64_t n, int64_t c, const MapSummary& summary, const float* map,
                        int64_t step) {
    const int64_t image = indices[static_cast<size_t>(n)];
    // Nothing can be ranked by what is not a number; sums of floats do not overflow a double.
    if (!std::isfinite(summary.sum)) {
      Fail("unit {} on image {} of the list, from 0: expected finite activations, found {}", c,
           image, summary.sum);
    }
    sums[static_cast<size_t>(n * channels + c)] = summary.sum;
    maxima[static_cast<size_t>(n * channels + c)] = summary.maximum;
    UnitResponse response{image, summary.maximum};
    TopList<UnitResponse>& top = units_[static_cast<size_t>(c)].top;
    if (!top.Takes(response)) return;
    int64_t position = 0;
    while (map[position * step] != summary.maximum) ++position;
    response.y = static_cast<int>(position / width);
    response.x = static_cast<int>(position % width);
    top.Add(response);
  };
  // Images come in order.
  ParallelFor(0, (channels + kTogether - 1) / kTogether, 1, [&](int64_t begin, int64_t end) {
    Sweep sweep(positions);
    std::vector<float> planar;
    for (int64_t first = begin * kTogether; first < std::min(end * kTogether, channels);
         first += kTogether) {
      const int64_t count = std::min(kTogether, channels - first);
      for (int64_t n = 0; n < images; ++n) {
        const float* maps = data + (n * channels + first) * positions;
        if (apart) {
          const float* rows = data + n * channels * positions + first;
          if (sweep.Prepare(units_, first, count)) {
            const MapSummary* summaries = sweep.Run(rows, channels, count);
            for (int64_t c = 0; c < count; ++c) {
              look(n, first + c, summaries[c], rows + c, channels);
              sweep.AddTo(units_[static_cast<size_t>(first + c)].sketch, c);
            }
            continue;
          }
          planar.resize(static_cast<size_t>(kTogether * positions));
          CopyPlanar(rows, positions, channels, count, planar.data());
          maps = planar.data();
        }
        for (int64_t c = 0; c < count; ++c) {
          const float* map = maps + c * positions;
          look(n, first + c, kernels.summarize(map, positions), map, 1);
          units_[static_cast<size_t>(first + c)].sketch.Add(map, positions);
        }
      }
    }
  });
  for (int64_t n = 0; n < images; ++n) {
    double sum = 0;
    for (int64_t c = 0; c < channels; ++c) sum += sums[static_cast<size_t>(n * channels + c)];
    layer_.Add({indices[static_cast<size_t>(n)], sum});
    sample_.Add(indices[static_cast<size_t>(n)], maxima.data() + n * channels);
  }
}

void LayerRecorder::Merge(const LayerRecorder& other) {
  if (units() != other.units()) {
    Fail("record: expected {} units in both recordings, found {}", units(), other.units());
  }
  layer_.Merge(other.layer_);
  sample_.Merge(other.sample_);
  for (size_t i = 0; i < units_.size(); ++i) {
    units_[i].top.Merge(other.units_[i].top);
    units_[i].sketch.Merge(other.units_[i].sketch);
  }
}

void LayerRecorder::Save(ByteWriter& out) const {
  out.Put(layer_.items());
  out.Put(units_.size());
  for (const Unit& unit : units_) {
    out.Put(unit.top.items());
    unit.sketch.Save(out);
  }
  sample_.Save(out);
}

void LayerRecorder::Add(ByteReader& in) {
  for (const LayerResponse& item : in.Get<std::vector<LayerResponse>>()) layer_.Add(item);
  if (const auto units = in.Get<size_t>(); units != units_.size()) {
    Fail("record: expected {} units, found {}", units_.size(), units);
  }
  for (Unit& unit : units_) {
    for (const UnitResponse& item : in.Get<std::vector<UnitResponse>>()) unit.top.Add(item);
    unit.sketch.Add(in);
  }
  sample_.Add(in);
}

std::vector<std::string> DefaultRecordLayers(const Network& network) {
  // Layers whose output, rectified or not, goes into concatenations alone: it is found in these.
  std::vector<char> parts(static_cast<size_t>(network.size()), 0);
  std::vector<int> readers(parts.size(), 0), joining(parts.size(), 0);
  for (int i = network.size() - 1; i >= 0; --i) {
    const auto at = static_cast<size_t>(i);
    parts[at] = readers[at] > 0 && readers[at] == joining[at] ? 1 : 0;
    const Recording recorded = network.layer(i).kind->RecordedAs();
    const bool joins =
        recorded == Recording::kJoins || (parts[at] && recorded == Recording::kPassesOn);
    for (int input : network.layer(i).inputs) {
      ++readers[static_cast<size_t>(input)];
      joining[static_cast<size_t>(input)] += joins ? 1 : 0;
    }
  }
  std::vector<std::string> names;
  for (int i = 0; i < network.size(); ++i) {
    const Recording recorded = network.layer(i).kind->RecordedAs();
    const bool joined = parts[static_cast<size_t>(i)] != 0;
    if (recorded == Recording::kAlways || recorded == Recording::kJoins ||
        (recorded == Recording::kUnlessJoined && !joined)) {
      names.push_back(network.layer(i).name);
    }
  }
  return names;
}

int64_t ThresholdValues(const ImageSets& images, const Shape& shape) {
  return QuantileSketch::LargestFor(kThresholdQuantile,
                                    images.size() * int64_t{shape.height} * shape.width);
}

RecordResult Record(const Model& model, const ImageSets& images,
                    const std::vector<std::string>& layers, const RecordOptions& options,
                    Observer& observer) {
  options.Validate();
  std::vector<int> wanted;
  std::vector<LayerRecorder> recorders;
  RecordResult result;
  result.images = images;
  for (const std::string& name : layers) {
    wanted.push_back(model.network.Find(name));
    const Shape& shape = model.network.layer(wanted.back()).shape;
    recorders.emplace_back(shape.units, options, ThresholdValues(images, shape));
    result.layers.push_back({name, shape, {}, {}});
  }
  PassVisitor visitor;
  visitor.output = [&](const ImageBatch& batch, size_t which, const at::Tensor& output) {
    try {
      recorders[which].Add(batch.indices, output);
    } catch (const Error& error) {
      Fail("{}: layer {}: {}", model.name, layers[which], error.what());
    }
  };
  visitor.save = [&](ByteWriter& out) {
    for (const LayerRecorder& recorder : recorders) recorder.Save(out);
  };
  visitor.add = [&](ByteReader& in) {
    for (LayerRecorder& recorder : recorders) recorder.Add(in);
  };
  PassSummary pass = RunPass(model, images, wanted, visitor, options.pass, observer);
  result.recorded = pass.images;
  result.skipped = std::move(pass.skipped);
  result.seconds = pass.seconds;
  for (size_t i = 0; i < wanted.size(); ++i) {
    RecordedLayer& layer = result.layers[i];
    layer.top_images = recorders[i].TopImages();
    for (int unit = 0; unit < recorders[i].units(); ++unit) {
      layer.units.push_back({recorders[i].TopOf(unit),
                             recorders[i].Quantile(unit, kThresholdQuantile),
                             recorders[i].FarFrom(unit, options.far)});
    }
  }
  return result;
}

std::vector<double> SetShare(const RecordResult& record, const RecordedLayer& layer) {
  std::vector<int64_t> count(record.images.sets().size(), 0);
  for (const LayerResponse& response : layer.top_images) {
    ++count[static_cast<size_t>(record.images.SetOf(response.image))];
  }
  std::vector<double> share;
  for (const int64_t images : count) {
    share.push_back(layer.top_images.empty() ? 0
                                             : static_cast<double>(images) /
                                                   static_cast<double>(layer.top_images.size()));
  }
  return share;
}

}  // namespace netdissect
