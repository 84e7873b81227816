#pragma once
// Scores of an image with one more segment removed, for many segments at once.

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "netdissect/study/minimal_image.h"

namespace netdissect {

class CandidateScorer {
 public:
  virtual ~CandidateScorer() = default;
  /// Scores (N, classes, 1, 1) of the present image without each of `segments`.
  virtual at::Tensor Score(const std::vector<int>& segments) = 0;
  /// The present image loses the segment for good.
  virtual void Remove(int segment) = 0;
};

/// `values` (3, H, W) 0..255 and `bases` (S, 3, H, W) must outlive the scorer.
std::unique_ptr<CandidateScorer> MakeCandidateScorer(const Model& model, const at::Tensor& values,
                                                     const at::Tensor& bases,
                                                     const MinimalImageOptions& options);

}  // namespace netdissect
