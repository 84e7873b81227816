#pragma once
// Feature maps as images: what a unit says about every pixel.
//
// Unit position i along an axis sits at its receptive field's centre, offset + stride * i in pixels
// of the network's input (nn/geometry.h; where a gate sees everything, at the centre that it has
// without it), whose place in the image the view says
// (data/input_view.h). Between centres the map is interpolated bilinearly, beyond the outermost it
// goes on constant. So there is no shift of half a stride, as corner to corner resizing has it, and
// none by the padding of the layers below. Of what the input does not show of the image, units say
// nothing.

#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/data/input_view.h"
#include "netdissect/nn/geometry.h"

namespace netdissect {

/// Scales maps of one layer to images of one view. Immutable: may be used by several threads.
class UnitMapScaler {
 public:
  /// `layer` is the shape of the layer whose field is `field`, of a network that sees the image by
  /// `view`; maps come out for the image's pixels view.Seen(). A layer whose positions along
  /// an axis are lost is constant along it.
  UnitMapScaler(const ReceptiveField& field, const Shape& layer, const InputView& view);

  /// `map` is (layer.height, layer.width); `out` becomes (height, width) 32-bit float, its memory
  /// used again where it fits.
  void operator()(const float* map, cv::Mat& out) const;

  int height() const { return static_cast<int>(y_.size()); }
  int width() const { return static_cast<int>(x_.size()); }
  int map_height() const { return map_height_; }
  int map_width() const { return map_width_; }

  /// A pixel lies between positions `below` and `above` of the map, at `weight` of the way.
  struct Tap {
    int below = 0;
    int above = 0;
    float weight = 0;
  };

  /// For who wants to see only some of the image: where its rows lie, and a row of the map (all of
  /// map_width()) widened to width() pixels. Row y of the image is
  /// below + weight * (above - below) of the widened rows.
  const std::vector<Tap>& rows() const { return y_; }
  void WidenRow(const float* row, float* wide) const;

 private:
  static std::vector<Tap> TapsOf(const AxisField& field, int positions, const ViewAxis& view);

  std::vector<Tap> y_, x_;
  int map_height_, map_width_;
};

}  // namespace netdissect
