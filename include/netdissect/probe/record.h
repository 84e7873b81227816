#pragma once
// Recording (Section 2, Figure 1): one pass over image sets that keeps, for each layer, the images
// with the largest sum over all units and positions, and for each unit the K images with the
// highest spatial maximum, with value and position, a few on which it is far from firing, and a
// sketch of all its activations. Memory does not depend on the number of images.

#include <memory>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "netdissect/probe/image_sample.h"
#include "netdissect/probe/quantile_sketch.h"
#include "netdissect/probe/top_list.h"

namespace netdissect NETDISSECT_PUBLIC {

class MapSweep;  // probe/map_sweep.h

struct RecordOptions {
  int k = 100;             // images kept for each unit (Section 2)
  int layer_images = 100;  // images kept for each layer (Section 2)
  int far = 8;             // images kept for each unit on which it is far from firing
  int sampled = 256;       // random images that these are of
  uint64_t seed = 0;       // of the sample
  PassOptions pass{16};

  /// Error where an option is out of range.
  void Validate() const;
};

/// The unit's highest activation on one image.
struct UnitResponse {
  int64_t image = 0;  // index into the image sets
  float value = 0;
  int y = 0, x = 0;  // position in the feature map; the first of equals in row order
};

struct LayerResponse {
  int64_t image = 0;
  double value = 0;  // sum over all units and positions
};

/// Fraction of a unit's activations below its threshold T, P(a > T) = 0.005: Network Dissection.
constexpr double kThresholdQuantile = 0.995;

/// Collects what one layer does.
class LayerRecorder {
 public:
  /// Of units of which quantiles among their `largest` values will be asked for.
  LayerRecorder(int units, const RecordOptions& options, int64_t largest = QuantileSketch::kAll);
  LayerRecorder(LayerRecorder&& other) noexcept;
  ~LayerRecorder();

  /// One image of the list. From any thread, several images at once. Error where an activation is
  /// not finite: a network with broken weights, or one that overflows.
  void Add(int64_t image, const ImageMaps& maps);
  /// Images `indices` of the list, `activations` (N, C, H, W).
  void Add(const std::vector<int64_t>& indices, const at::Tensor& activations);

  /// What another recorder has seen of other images: the result is as if one had seen all.
  void Merge(const LayerRecorder& other);

  void Save(ByteWriter& out) const;
  /// Merges what another recorder of the same options has saved. Error where it is none.
  void Add(ByteReader& in);

  std::vector<LayerResponse> TopImages() const { return layer_.Sorted(); }
  std::vector<UnitResponse> TopOf(int unit) const { return unit_at(unit).top.Sorted(); }
  std::vector<ImageValue> FarFrom(int unit, int count) const {
    return sample_.FarFrom(unit, count);
  }
  double Quantile(int unit, double q) const { return unit_at(unit).sketch.Quantile(q); }
  int units() const { return static_cast<int>(units_.size()); }

 private:
  struct Unit {
    TopList<UnitResponse> top;
    QuantileSketch sketch;
  };
  struct Locks;
  void AddUnits(int64_t image, int64_t first, int64_t width, MapSweep& sweep,
                std::vector<double>& sums, std::vector<float>& maxima);
  const Unit& unit_at(int unit) const { return units_[static_cast<size_t>(unit)]; }

  TopList<LayerResponse> layer_;
  std::vector<Unit> units_;
  ImageSample sample_;
  std::unique_ptr<Locks> locks_;
};

struct RecordedUnit {
  std::vector<UnitResponse> top;  // highest first
  double quantile = 0;            // kThresholdQuantile of all activations
  std::vector<ImageValue> far;    // from the lower half of its ranking of images, in no order
};

struct RecordedLayer {
  std::string name;
  Shape shape;
  std::vector<LayerResponse> top_images;  // highest first
  std::vector<RecordedUnit> units;
};

struct RecordResult {
  ImageSets images;      // that were passed
  int64_t recorded = 0;  // images that were read
  std::vector<SkippedImage> skipped;
  std::vector<RecordedLayer> layers;
  double seconds = 0;  // wall time of the pass
};

/// How many of a unit's largest activations on all images its threshold is among.
int64_t ThresholdValues(const ImageSets& images, const Shape& shape);

/// Layers worth recording where none are asked for: all but the input, normalisations, dropout,
/// flattening and softmax, and of an in-place pair only the last.
std::vector<std::string> DefaultRecordLayers(const Network& network);

/// Streams the images through the network. `layers` are names of layers.
RecordResult Record(const Model& model, const ImageSets& images,
                    const std::vector<std::string>& layers, const RecordOptions& options = {},
                    Observer& observer = Silent());

/// Fraction of a layer's top images that come from each set (Figure 1).
std::vector<double> SetShare(const RecordResult& record, const RecordedLayer& layer);

}  // namespace netdissect
