#pragma once
// Theoretical receptive fields, from the graph.
//
// Along each axis the field of unit position i is the closed interval of input pixels
//
//   [start + stride * i, end + stride * i],   size = end - start + 1,  offset = (start + end) / 2,
//
// composed layer by layer; a layer with several inputs takes the union. Intervals reach beyond the
// image where padding does. What is fully connected or pooled globally, and what stands on it, sees
// everything: the union over all positions below, which does not move. So does what multiplies or
// adds a number for the whole map to it.
//
// Above a layer that puts several positions where one was (upsampling, transposed convolution) the
// stride is a fraction of the one below, and what positions see moves in steps: their interval is
// the least that moves evenly and holds what each of them sees. Where the stride would be no whole
// number of pixels, the layer is said to see everything.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/nn/network.h"

namespace netdissect NETDISSECT_PUBLIC {

struct Interval {
  int64_t start = 0;  // input pixel
  int64_t end = 0;    // input pixel, included
  int64_t size() const { return end - start + 1; }
};

/// For libraries that count pixels in 32 bits: what is far from any image is brought nearer to it.
inline int NearPixel(int64_t pixel) {
  constexpr int64_t kFar = 1 << 28;
  return static_cast<int>(std::clamp(pixel, -kFar, kFar));
}

/// Field of position 0 along one axis, and how far it moves from position to position.
struct AxisField {
  int64_t start = 0;        // input pixel
  int64_t end = 0;          // input pixel, included
  int64_t stride = 1;       // input pixels; 0 where `everything`
  bool everything = false;  // all positions of some layer below are seen
  int64_t size() const { return end - start + 1; }
  /// Centre of position 0's field.
  double offset() const { return Centre(0); }
  double Centre(int position) const {
    return 0.5 * static_cast<double>(start + end + 2 * stride * position);
  }
  Interval At(int position) const { return {start + stride * position, end + stride * position}; }

  // Positions of what sees everything through a gate or a normalisation still lie at different
  // places, which they would be the centres of without it.
  double first_place = 0;  // input pixel, where `everything`
  double pitch = 0;  // input pixels from place to place, where `everything`; 0 of a layer that
                     // has lost its positions (global pooling, fully connected)

  /// Where a position lies: the centre of its field; of what sees everything, see above.
  double Place(int position) const {
    return everything ? first_place + pitch * position : Centre(position);
  }
  /// Input pixels from place to place.
  double Pitch() const { return everything ? pitch : static_cast<double>(stride); }
  /// How far the surroundings of a position lie from `start ... end`: whole pixels by which maps of
  /// units that were read at different positions are moved to match. Those of what sees everything
  /// are moved from the middle; of what has lost its positions, not at all.
  int64_t Shift(int position) const {
    if (!everything) return stride * position;
    return pitch == 0 ? 0 : std::llround(Place(position) - Centre(0));
  }
};

struct ReceptiveField {
  AxisField y, x;
};

/// One for each layer. Error where the branches of a sum or concatenation of several positions have
/// different strides, or a field is larger than 2^48 pixels.
std::vector<ReceptiveField> TheoreticalFields(const Network& network);

}  // namespace netdissect
