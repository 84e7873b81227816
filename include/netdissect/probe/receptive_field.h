#pragma once
// Empirical receptive fields (Section 3.2, Figures 3 and 4, Table 2), for unit u with top images
// I_1..I_K whose maximum lies at position p_k of the feature map:
//
//   1. discrepancy of an occluder = |change| (probe/occlusion.h), or the drop alone;
//   2. discrepancy map in pixels: the mean over the occluders that cover a pixel;
//   3. calibration: each map is translated so that p_k's theoretical receptive field lies on the
//      same canvas, and averaged over the K images, each pixel over the images in which it lies
//      inside and an occluder covers it;
//   4. size = square root of the area where the averaged map exceeds `threshold` x its maximum.
//
// The canvas is the theoretical field widened by patch - 1 on each side: pixels of an occluder that
// only touches the field have a discrepancy too.

#include <ATen/core/Tensor.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/probe/occlusion.h"
#include "netdissect/probe/record.h"

namespace netdissect NETDISSECT_PUBLIC {

enum class Discrepancy { kAbsolute, kDrop };

struct FieldOptions {
  int k = 25;                                        // top images a unit (Section 3.2)
  Discrepancy discrepancy = Discrepancy::kAbsolute;  // |change|, or max(-change, 0)
  double threshold = 0.17;                           // of the averaged map's maximum, in (0, 1)
  int resamples = 200;                               // bootstrap samples of a unit's images
  uint64_t seed = 1;                                 // of them
  int64_t memory = int64_t{2} << 30;                 // bytes, bound on responses kept at once

  /// Error where an option is out of range.
  void Validate() const;
};

/// The units of one layer to measure, with their responses, highest first.
struct FieldRequest {
  std::string name;  // of the layer
  int layer = 0;     // index in the network
  struct Unit {
    int unit = 0;
    std::vector<UnitResponse> top;
  };
  std::vector<Unit> units;
};

struct UnitField {
  int unit = 0;
  double size = 0;       // pixels; 0 where `silent`
  double deviation = 0;  // standard error of the size: its deviation over bootstrap samples of the
                         // images, pixels
  bool silent = false;   // no positive activation on any image, or no occluder changes it
  std::vector<UnitResponse> images;        // those used, at most k, highest first
  std::vector<std::vector<double>> sizes;  // at [kSensitivityThresholds][SensitivityCounts(k)]
  at::Tensor map;  // (canvas height, canvas width) float32: averaged discrepancy; in the sink alone
};

/// Thresholds at which sizes are also taken, since they depend on it.
constexpr std::array<double, 8> kSensitivityThresholds = {0.10, 0.15, 0.17, 0.20,
                                                          0.25, 0.30, 0.40, 0.50};

/// Numbers of top images that sizes are also taken of: 5, 10, 15, 20 and 25, as far as they are
/// below `k`, and `k`.
std::vector<int> SensitivityCounts(int k);

struct LayerFields {
  std::string name;
  ReceptiveField theoretical;
  Interval canvas_y, canvas_x;  // pixels of the image in which position 0 is read
  std::vector<UnitField> units;

  /// Of sizes over the units that are not silent; NaN where there are none (deviation: fewer than
  /// two).
  double Mean() const;
  double Deviation() const;
  /// The mean were the threshold kSensitivityThresholds[i] and only the first
  /// SensitivityCounts(k)[j] images used.
  double MeanAt(size_t i, size_t j) const;
};

/// Gets each unit once it is measured, with its map, of which the results keep none: the maps of a
/// whole layer may be larger than memory. In the order of the requests.
using FieldSink = std::function<void(const LayerFields& layer, const UnitField& unit)>;

/// Size of an averaged map at a threshold: step 4.
double FieldSize(const at::Tensor& map, double threshold);

/// (rows, columns) discrepancies of a response: step 1.
at::Tensor DiscrepancyOf(const OcclusionResponse& response, Discrepancy kind);

/// What has to be read on one image.
struct ImageUnits {
  int64_t image = 0;  // index
  std::vector<UnitPosition> units;
};

/// The (unit, image) pairs that MeasureFields computes, image by image in the order of the list.
std::vector<ImageUnits> UnitsByImage(const std::vector<FieldRequest>& requests,
                                     const FieldOptions& options);

/// Where the input of image `index` (3, H, W) comes from.
using ImageSource = std::function<at::Tensor(int64_t index)>;

/// Measures the requested units; one LayerFields for each request. Stopped, after an image, where
/// the observer asks for it. Images are visited in the order
/// of the list, each once for all layers and units (for each group of units that fits `memory`).
std::vector<LayerFields> MeasureFields(const Network& network, OcclusionEngine& engine,
                                       const OccluderSet& occluders,
                                       const std::vector<FieldRequest>& requests,
                                       const ImageSource& image, const FieldSink& sink,
                                       const FieldOptions& options = {},
                                       Observer& observer = Silent());

}  // namespace netdissect
