#pragma once
// Minimal images (Section 3.1, Figure 2): how little of a picture keeps its class.
//
// An image is its mean plus the sum of its segments' bases (study/poisson.h), so that a segment is
// removed by subtracting its basis. Starting from the whole image, each step tries to remove every
// segment that is left and removes the one whose removal lowers the class's probability least,
// among those after which the class is still the network's first (of equals the segment that comes
// first). It ends where no removal leaves the class first. The choice is exact: every candidate of
// every step is run through the network.
//
// Images are real numbers on the way: neither clamped to 0..255 nor rounded, only pictures of them
// are. So the first convolution is linear in the bases: its response to each is computed once, and
// a candidate's is a subtraction, as is what all layers below the first non-linear one would see.
// A network that does not begin with a convolution runs whole for each candidate, and so do
// responses that do not fit into `memory`; the result is the same up to rounding.
//
// Candidates are compared by the log-odds of the class, log p - log(1 - p), in double precision
// from what goes into the softmax: the same order as that of the probabilities p, but these are
// all 1 in single precision where a network is certain. Where its class scores come from
// no softmax, they are taken for what goes into one.

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "netdissect/base/public.h"
#include "netdissect/nn/model.h"

namespace netdissect NETDISSECT_PUBLIC {

struct MinimalImageOptions {
  int batch = 16;                       // candidates a forward pass
  int64_t memory = int64_t{1} << 30;    // bytes for the first convolution's responses
  bool share_first_convolution = true;  // or run every candidate whole

  /// Error where an option is out of range.
  void Validate() const;
};

/// What the network says of an image.
struct Verdict {
  int first = 0;           // the class of the highest score; the first of equals
  double probability = 0;  // of the class that is asked about
  double log_odds = 0;     // log p - log(1 - p) of it
};

/// Verdicts on target from scores before the softmax (LogitLayer of nn/network.h), (N, classes, 1,
/// 1). Error where one is NaN.
std::vector<Verdict> Judge(const at::Tensor& scores, int target);

struct Removal {
  int segment = 0;
  double probability = 0;  // of the class without this segment and those before it
};

struct MinimalImage {
  int target = 0;                  // the class
  double probability = 0;          // of it, for the whole image
  std::vector<Removal> steps;      // in this order
  std::vector<int> kept;           // segments left, increasing
  std::optional<Removal> refused;  // the best of the last step's removals, all refused: nothing
  int refused_first = 0;           //   where no segment is left; and the class it is taken for
  int64_t passes = 0;              // candidates tried
};

/// The minimal image of `values` (3, H, W), 0..255 in the network's order, whose bases (S, 3, H, W)
/// are given. Error where the network's first class for the image is not `target`.
MinimalImage FindMinimalImage(const Model& model, const at::Tensor& values, const at::Tensor& bases,
                              int target, const MinimalImageOptions& options = {});

/// The image after the first `steps` removals: `values` less their bases.
at::Tensor ImageAfter(const at::Tensor& values, const at::Tensor& bases,
                      const std::vector<Removal>& removals, size_t steps);

}  // namespace netdissect
