#pragma once
// Computes a step of a program at some positions of some occluded images ("items").

#include <vector>

#include "probe/program.h"
#include "probe/windows.h"

namespace netdissect {

/// Positions of an item to compute; their rows follow each other, rectangle after rectangle.
struct Span {
  int item = 0;
  Rect rect;
};

/// Memory that a thread works in, and what it has done.
struct Scratch {
  std::vector<const float*> pointers;
  std::vector<float> tiles;
  std::vector<float> row;
  std::vector<float> zeros;
  int64_t macs = 0;
  double product_seconds = 0;  // in matrix products
};

/// Writes the step's rows for `spans` to `out`, of the step's channels that are wanted. `sources`
/// are the layer's inputs.
void Execute(const Network& network, const Program& program, const Step& step,
             const std::vector<RowSource>& sources, const std::vector<Span>& spans, float* out,
             Scratch& scratch);

}  // namespace netdissect
