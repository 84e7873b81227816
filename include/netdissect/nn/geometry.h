#pragma once
// Theoretical receptive fields, from the graph.
//
// Along each axis the field of unit position i is the closed interval of input pixels
//
//   [start + stride * i, end + stride * i],   size = end - start + 1,  offset = (start + end) / 2,
//
// composed layer by layer; a layer with several inputs takes the union. Intervals reach beyond the
// image where padding does. What is fully connected or pooled globally has stride 0 and sees the
// union over all positions below it.

#include "netdissect/base/public.h"
#include "netdissect/nn/network.h"

namespace netdissect NETDISSECT_PUBLIC {

struct Interval {
  int start = 0;  // input pixel
  int end = 0;    // input pixel, included
  int size() const { return end - start + 1; }
};

/// Field of position 0 along one axis, and how far it moves from position to position.
struct AxisField {
  int start = 0;   // input pixel
  int end = 0;     // input pixel, included
  int stride = 1;  // input pixels
  int size() const { return end - start + 1; }
  double offset() const { return 0.5 * (start + end); }  // centre of position 0's field
  Interval At(int position) const { return {start + stride * position, end + stride * position}; }
};

struct ReceptiveField {
  AxisField y, x;
};

/// One for each layer. Error where the branches of a sum or concatenation have different strides.
std::vector<ReceptiveField> TheoreticalFields(const Network& network);

}  // namespace netdissect
