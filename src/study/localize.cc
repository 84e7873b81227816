#include "netdissect/study/localize.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "netdissect/base/error.h"
#include "netdissect/data/input_view.h"
#include "nn/planar.h"

namespace netdissect {
namespace {

// A connected region of positions above the threshold.
struct Region {
  int top = 0, bottom = 0, left = 0, right = 0;  // positions, included
  float peak = 0;
};

// The regions of one map, in the order of their first positions.
class RegionFinder {
 public:
  explicit RegionFinder(const Shape& shape)
      : height_(shape.height), width_(shape.width), seen_(Count()) {}

  void Find(const float* map, float threshold, std::vector<Region>& regions) {
    regions.clear();
    std::fill(seen_.begin(), seen_.end(), 0);
    for (int start = 0; start < static_cast<int>(Count()); ++start) {
      if (map[start] > threshold && seen_[static_cast<size_t>(start)] == 0) {
        regions.push_back(Fill(map, threshold, start));
      }
    }
  }

 private:
  size_t Count() const { return static_cast<size_t>(height_) * static_cast<size_t>(width_); }

  Region Fill(const float* map, float threshold, int start) {
    Region region{start / width_, start / width_, start % width_, start % width_, map[start]};
    Visit(start);
    while (!open_.empty()) {
      const int at = open_.back();
      open_.pop_back();
      const int y = at / width_, x = at % width_;
      region.bottom = std::max(region.bottom, y);
      region.top = std::min(region.top, y);
      region.left = std::min(region.left, x);
      region.right = std::max(region.right, x);
      region.peak = std::max(region.peak, map[at]);
      for (int v = std::max(y - 1, 0); v <= std::min(y + 1, height_ - 1); ++v) {
        for (int u = std::max(x - 1, 0); u <= std::min(x + 1, width_ - 1); ++u) {
          const int neighbour = v * width_ + u;
          if (map[neighbour] > threshold && seen_[static_cast<size_t>(neighbour)] == 0) {
            Visit(neighbour);
          }
        }
      }
    }
    return region;
  }

  void Visit(int at) {
    seen_[static_cast<size_t>(at)] = 1;
    open_.push_back(at);
  }

  int height_, width_;
  std::vector<char> seen_;
  std::vector<int> open_;
};

// Edges along one axis of the box from position `first` to `last`, within the input.
std::pair<double, double> EdgesOf(const AxisField& axis, int first, int last, double field,
                                  int size) {
  const auto centre = [&](int position) { return axis.Place(position) + 0.5; };
  const double limit = size;
  return {std::clamp(centre(first) - 0.5 * field, 0.0, limit),
          std::clamp(centre(last) + 0.5 * field, 0.0, limit)};
}

double IntersectionOverUnion(const cv::Rect2d& a, const cv::Rect2d& b) {
  const double common = (a & b).area();
  const double together = a.area() + b.area() - common;
  return together > 0 ? common / together : 0;
}

// Those that touch the picture.
std::vector<LocatedObject> OnPictureAlone(std::vector<LocatedObject> objects,
                                          const InputView& view) {
  if (view.Shown().size() == view.input()) return objects;
  const cv::Rect2d shown = view.Shown();
  const auto outside = [&](const LocatedObject& object) {
    return (object.box & shown).area() <= 0;
  };
  objects.erase(std::remove_if(objects.begin(), objects.end(), outside), objects.end());
  return objects;
}

}  // namespace

double FullActivation(const RecordedUnit& unit, int images) {
  double full = 0;
  for (size_t i = 0; i < unit.top.size() && i < static_cast<size_t>(images); ++i) {
    if (unit.top[i].value > unit.quantile) full = unit.top[i].value;
  }
  return full;
}

void LocalizeOptions::Validate() const {
  if (top < 1) Fail("localize: expected a top of at least 1, found {}", top);
  pass.Validate("localize");
  if (!(overlap >= 0 && overlap <= 1)) {
    Fail("localize: expected an overlap from 0 to 1, found {}", overlap);
  }
  if (!(min_confidence >= 0 && min_confidence <= 1)) {
    Fail("localize: expected a least confidence from 0 to 1, found {}", min_confidence);
  }
}

Localizer::Localizer(const Model& model, std::vector<DetectorLayer> layers,
                     const LocalizeOptions& options)
    : model_(model), detectors_(std::move(layers)), options_(options) {
  options_.Validate();
  const Network& network = model_.network;
  const std::vector<ReceptiveField> fields = TheoreticalFields(network);
  for (const DetectorLayer& layer : detectors_) {
    const int index = network.Find(layer.name);
    const Shape& shape = network.layer(index).shape;
    if (shape.height == 1 && shape.width == 1) {
      Fail("layer {}: expected units with positions in the image, found {}", layer.name,
           ToString(shape));
    }
    for (const Detector& detector : layer.units) {
      if (detector.unit < 0 || detector.unit >= shape.units) {
        Fail("layer {}: expected units 0 to {}, found unit {} ({})", layer.name, shape.units - 1,
             detector.unit, detector.label);
      }
    }
    layers_.push_back({fields[static_cast<size_t>(index)], shape});
    wanted_.push_back(index);
  }
  classifies_ = network.scores().has_value();
  if (classifies_) wanted_.push_back(*network.scores());
  if (wanted_.empty()) Fail("{}: expected labelled units or class scores, found none", model.name);
}

void Localizer::FindObjects(const at::Tensor& maps, size_t layer,
                            std::vector<LocatedObject>& objects) const {
  const Layer& geometry = layers_[layer];
  const Shape& input = model_.network.input();
  const int64_t area = int64_t{geometry.shape.height} * geometry.shape.width;
  RegionFinder finder(geometry.shape);
  std::vector<Region> regions;
  for (const Detector& detector : detectors_[layer].units) {
    if (!(detector.full > detector.threshold)) continue;
    finder.Find(maps.data_ptr<float>() + detector.unit * area,
                static_cast<float>(detector.threshold), regions);
    for (const Region& region : regions) {
      const double strength =
          std::min(1.0, (region.peak - detector.threshold) / (detector.full - detector.threshold));
      // To a thousandth, so that the network's rounding does not reorder equals.
      const double confidence = std::round(detector.trust * strength * 1000) / 1000;
      if (confidence < options_.min_confidence) continue;
      const auto [top, bottom] =
          EdgesOf(geometry.field.y, region.top, region.bottom, detector.field, input.height);
      const auto [left, right] =
          EdgesOf(geometry.field.x, region.left, region.right, detector.field, input.width);
      objects.push_back({detector.label, static_cast<int>(layer), detector.unit, confidence,
                         cv::Rect2d(left, top, right - left, bottom - top)});
    }
  }
}

void Localizer::See(size_t which, const at::Tensor& output,
                    std::vector<LocatedImage>& images) const {
  const at::Tensor values = Planar(output);
  for (size_t i = 0; i < images.size(); ++i) {
    const at::Tensor item = values[static_cast<int64_t>(i)];
    if (which < layers_.size()) {
      FindObjects(item, which, images[i].objects);
    } else {
      images[i].scenes =
          RankClasses(item.data_ptr<float>(), static_cast<int>(item.numel()), options_.top);
    }
  }
}

void Localizer::Finish(std::vector<LocatedImage>& images) const {
  for (LocatedImage& image : images) {
    // In the order of the detectors' layers, whichever was computed first.
    std::stable_sort(
        image.objects.begin(), image.objects.end(),
        [](const LocatedObject& a, const LocatedObject& b) { return a.layer < b.layer; });
    image.objects = SuppressOverlaps(std::move(image.objects), options_.overlap);
  }
}

std::vector<LocatedImage> Localizer::Locate(const at::Tensor& input) const {
  std::vector<LocatedImage> located(static_cast<size_t>(input.size(0)));
  model_.network.Forward(
      input, wanted_, [&](size_t which, const at::Tensor& output) { See(which, output, located); });
  Finish(located);
  return located;
}

std::vector<LocatedObject> SuppressOverlaps(std::vector<LocatedObject> objects, double overlap) {
  std::stable_sort(
      objects.begin(), objects.end(),
      [](const LocatedObject& a, const LocatedObject& b) { return a.confidence > b.confidence; });
  std::vector<LocatedObject> kept;
  for (LocatedObject& object : objects) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const LocatedObject& other) {
      return other.label == object.label && IntersectionOverUnion(other.box, object.box) > overlap;
    });
    if (!covered) kept.push_back(std::move(object));
  }
  return kept;
}

LocalizeSummary Localize(const Model& model, const std::vector<DetectorLayer>& layers,
                         const ImageSets& images,
                         const std::function<void(const LocatedImage&)>& found,
                         const LocalizeOptions& options, Observer& observer) {
  const Localizer localizer(model, layers, options);
  std::vector<int> bare;  // the class scores, or where there are none, what detectors need
  if (const std::optional<int> scores = model.network.scores()) bare.push_back(*scores);
  for (const DetectorLayer& layer : layers) {
    if (!model.network.scores()) bare.push_back(model.network.Find(layer.name));
  }
  const auto run_bare = [&](const at::Tensor& input) {
    model.network.Forward(input, bare,
                          [](size_t, const at::Tensor& output) { output.to(at::kCPU); });
  };
  LocalizeSummary summary;
  std::vector<LocatedImage> located;
  Clock::time_point start;
  PassVisitor visitor;
  visitor.keep = options.keep;
  visitor.begin = [&](const ImageBatch& batch) {
    if (options.time) {
      // Once unmeasured: the first pass over new memory is slower.
      if (summary.images == 0) run_bare(batch.input);
      start = Clock::now();
      run_bare(batch.input);
      summary.bare_seconds += SecondsSince(start);
    }
    located.assign(batch.indices.size(), {});
    start = Clock::now();
    return true;
  };
  visitor.output = [&](const ImageBatch&, size_t which, const at::Tensor& output) {
    localizer.See(which, output, located);
  };
  visitor.end = [&](const ImageBatch& batch) {
    localizer.Finish(located);
    summary.seconds += SecondsSince(start);
    for (size_t i = 0; i < located.size(); ++i) {
      located[i].image = batch.indices[i];
      located[i].size = batch.sizes[i];
      located[i].objects =
          OnPictureAlone(std::move(located[i].objects), ViewOf(model.input, batch.sizes[i]));
      if (!batch.pictures.empty()) located[i].picture = batch.pictures[i];
      found(located[i]);
    }
    summary.images += static_cast<int64_t>(located.size());
  };
  summary.skipped =
      RunPass(model, images, localizer.wanted(), visitor, options.pass, observer).skipped;
  return summary;
}

}  // namespace netdissect
