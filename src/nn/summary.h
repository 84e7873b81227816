#pragma once
// What a network is made of: Table 1 and the first row of Table 2 for any network.

#include <string>
#include <vector>

#include "netdissect/nn/geometry.h"
#include "netdissect/nn/network.h"

namespace netdissect {

struct LayerSummary {
  std::string name;
  std::string type;
  Shape shape;
  ReceptiveField field;
  int64_t parameters = 0;  // numbers in weights and biases
  int64_t macs = 0;        // multiply-adds of a convolution or inner product for one image
};

std::vector<LayerSummary> Summarize(const Network& network);

/// Multiply-adds of one layer for one image.
int64_t MultiplyAdds(const Network& network, int layer);

}  // namespace netdissect
