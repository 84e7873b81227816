#pragma once
// Images segmented by single units (Figures 4, 5 and 9a): the pixels at which unit u says more than
// a share of the most that it says on any image of the data set,
//
//   mask(y, x) = map_u(y, x) > threshold * max over the data set of map_u,
//
// where map_u is the feature map scaled to the image with unit centres at their true pixels
// (probe/unit_map.h). By receptive field instead: at every position of the feature map above the
// same level the region that the unit was measured to see (probe/receptive_field.h) is painted.
//
// Masks are (height, width) 8-bit, 0 or 255, in the pixels of the image itself, whatever size the
// network saw it in and whichever part of it: view.picture(), 0 where the network does not see it.
// A unit that is nowhere positive segments nothing.

#include <ATen/core/Tensor.h>

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/data/input_view.h"
#include "netdissect/nn/geometry.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"

namespace netdissect NETDISSECT_PUBLIC {

enum class SegmentMethod { kUpsampling, kReceptiveField };

struct SegmentOptions {
  SegmentMethod method = SegmentMethod::kUpsampling;
  double threshold = 0.4;  // share of the unit's largest activation (the original: 0.2 to 0.5)

  /// Error where an option is out of range.
  void Validate() const;
};

/// Where the units of a layer lie in the network's input.
struct LayerGeometry {
  ReceptiveField field;
  Shape shape;
  int input_height = 0, input_width = 0;  // pixels
};
LayerGeometry GeometryOf(const Network& network, int layer);

/// What a unit was measured to see: not 0 in `mask` (8-bit), whose first pixel is at `corner` of
/// the network's input for the unit at position (0, 0).
struct EmpiricalField {
  cv::Mat mask;
  cv::Point corner;
};

/// A square of `size` pixels around the unit's centre.
EmpiricalField SquareField(const LayerGeometry& layer, double size);

/// The mask by upsampling: `map` is (H, W) float32, `level` an activation.
cv::Mat MaskByUpsampling(const LayerGeometry& layer, const at::Tensor& map, double level,
                         const InputView& view);

/// The pixels at which the map is highest, as many as make up `share` of the image; an empty matrix
/// where equal values leave no such mask within a tenth of that.
cv::Mat MaskOfArea(const LayerGeometry& layer, const at::Tensor& map, double share,
                   const InputView& view);

/// The mask by receptive field: each pixel of the image takes what is painted at its centre.
cv::Mat MaskByField(const LayerGeometry& layer, const EmpiricalField& field, const at::Tensor& map,
                    double level, const InputView& view);

/// A connected region of a mask, diagonal neighbours included.
struct Component {
  cv::Rect box;  // tight
  int64_t area = 0;
};

/// The regions of a mask, the largest first, equals in the order of their first pixels.
std::vector<Component> ComponentsOf(const cv::Mat& mask);

/// A unit, and the images to see it on.
struct UnitOnImages {
  int layer = 0;  // index in the network
  int unit = 0;
  std::vector<int64_t> images;  // indices into the image sets
};

/// Gets the map (H, W) float32 of unit `wanted` on the image at `place` of its images, and the
/// picture (8-bit BGR, its own size).
using UnitMapVisitor =
    std::function<void(size_t wanted, size_t place, const at::Tensor& map, const cv::Mat& picture)>;

/// Visits the maps of all wanted units on their images. Images are read once each, in the order of
/// the list, for all units. Error where one cannot be read: it is there because it was read before.
void VisitUnitMaps(const Model& model, const ImageSets& images,
                   const std::vector<UnitOnImages>& wanted, const UnitMapVisitor& visit,
                   PassOptions options = {}, Observer& observer = Silent());

}  // namespace netdissect
