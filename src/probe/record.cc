#include "netdissect/probe/record.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "base/bytes.h"
#include "base/parallel.h"
#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"
#include "nn/planar.h"
#include "probe/map_sweep.h"

namespace netdissect {

void RecordOptions::Validate() const {
  if (k < 1) Fail("record: expected k of at least 1, found {}", k);
  if (layer_images < 1) Fail("record: expected at least 1 image a layer, found {}", layer_images);
  if (far < 0) Fail("record: expected at least 0 images far from firing, found {}", far);
  if (sampled < 4) Fail("record: expected a sample of at least 4 images, found {}", sampled);
  pass.Validate("record");
}

struct LayerRecorder::Locks {
  explicit Locks(int64_t units)
      : of_units(static_cast<size_t>((units + MapSweep::kMost - 1) / MapSweep::kMost)) {}
  std::vector<std::mutex> of_units;
  std::mutex of_images;
};

LayerRecorder::LayerRecorder(int units, const RecordOptions& options, int64_t largest)
    : layer_(static_cast<size_t>(options.layer_images)),
      units_(static_cast<size_t>(units),
             Unit{TopList<UnitResponse>(static_cast<size_t>(options.k)), QuantileSketch(largest)}),
      sample_(units, options.far > 0 ? options.sampled : 0, options.seed),
      locks_(std::make_unique<Locks>(units)) {}

LayerRecorder::LayerRecorder(LayerRecorder&& other) noexcept = default;
LayerRecorder::~LayerRecorder() = default;

// Of units number `first` and those after it that share its lock.
void LayerRecorder::AddUnits(int64_t image, int64_t first, int64_t width, MapSweep& sweep,
                             std::vector<double>& sums, std::vector<float>& maxima) {
  std::mutex& mutex = locks_->of_units[static_cast<size_t>(first / MapSweep::kMost)];
  const int64_t count = std::min(MapSweep::kMost, int64_t{units()} - first);
  Unit* own = units_.data() + first;
  QuantileSketch::Wanted wanted[MapSweep::kMost];
  {
    const std::lock_guard<std::mutex> lock(mutex);
    for (int64_t c = 0; c < count; ++c) wanted[c] = own[c].sketch.wanted();
  }
  sweep.Choose(first, count, wanted);
  sweep.Run();
  for (int64_t c = 0; c < count; ++c) {
    const double sum = sweep.summary(c).sum;
    // Nothing can be ranked by what is not a number; sums of floats do not overflow a double.
    if (!std::isfinite(sum)) {
      Fail("unit {} on image {} of the list, from 0: expected finite activations, found {}",
           first + c, image, sum);
    }
    sums[static_cast<size_t>(first + c)] = sum;
    maxima[static_cast<size_t>(first + c)] = sweep.summary(c).maximum;
  }
  const std::lock_guard<std::mutex> lock(mutex);
  for (int64_t c = 0; c < count; ++c) {
    sweep.AddTo(own[c].sketch, c);
    UnitResponse response{image, sweep.summary(c).maximum};
    if (!own[c].top.Takes(response)) continue;
    const int64_t position = sweep.PositionOfMaximum(c);
    response.y = static_cast<int>(position / width);
    response.x = static_cast<int>(position % width);
    own[c].top.Add(response);
  }
}

void LayerRecorder::Add(int64_t image, const ImageMaps& maps) {
  std::vector<double> sums(units_.size());
  std::vector<float> maxima(units_.size());
  MapSweep sweep(maps);
  // Images that are looked at together begin with different units.
  const auto groups = static_cast<int64_t>(locks_->of_units.size());
  for (int64_t g = 0; g < groups; ++g) {
    AddUnits(image, (image + g) % groups * MapSweep::kMost, maps.width, sweep, sums, maxima);
  }
  double sum = 0;
  for (const double part : sums) sum += part;
  const std::lock_guard<std::mutex> lock(locks_->of_images);
  layer_.Add({image, sum});
  sample_.Add(image, maxima.data());
}

void LayerRecorder::Add(const std::vector<int64_t>& indices, const at::Tensor& activations) {
  const bool apart = IsChannelsLast(activations);
  const at::Tensor values = apart ? activations : Planar(activations);
  const int64_t channels = values.size(1), positions = values.size(2) * values.size(3);
  const float* data = values.data_ptr<float>();
  ParallelFor(0, values.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      Add(indices[static_cast<size_t>(n)],
          {data + n * channels * positions, channels, values.size(2), values.size(3),
           apart ? 1 : positions, apart ? channels : 1});
    }
  });
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
  visitor.image = [&](const ImageBatch& batch, size_t which, int64_t image, const ImageMaps& maps) {
    try {
      recorders[which].Add(batch.indices[static_cast<size_t>(image)], maps);
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
