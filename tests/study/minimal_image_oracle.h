#pragma once
// The removal loop in the plainest way: every candidate is put together from its gradients,
// integrated and run through the whole network, one by one.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros_like.h>

#include <numeric>

#include "netdissect/study/minimal_image.h"
#include "netdissect/study/poisson.h"

namespace netdissect {

/// The image of the mean and the gradients of `kept` segments.
inline at::Tensor ImageOfSegments(const PoissonSolver& solver, const at::Tensor& values,
                                  const at::Tensor& masks, const std::vector<int>& kept) {
  at::Tensor mask = at::zeros_like(masks[0]);
  for (int segment : kept) mask += masks[segment];
  const at::Tensor basis = solver.Bases(values, mask.unsqueeze(0))[0];
  return values.mean({1, 2}, true) + basis;
}

inline MinimalImage SlowMinimalImage(const Model& model, const PoissonSolver& solver,
                                     const at::Tensor& values, const at::Tensor& masks,
                                     int target) {
  const auto judge = [&](const at::Tensor& image) {
    const at::Tensor input = Normalize(image, model.input).unsqueeze(0);
    return Judge(model.network.Forward(input, {LogitLayer(model.network)})[0], target).front();
  };
  MinimalImage result;
  result.target = target;
  result.probability = judge(values).probability;
  result.kept.resize(static_cast<size_t>(masks.size(0)));
  std::iota(result.kept.begin(), result.kept.end(), 0);
  while (!result.kept.empty()) {
    bool found = false;
    size_t best = 0;
    Verdict best_verdict;
    for (size_t i = 0; i < result.kept.size(); ++i) {
      std::vector<int> rest = result.kept;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      const Verdict verdict = judge(ImageOfSegments(solver, values, masks, rest));
      ++result.passes;
      if (verdict.first != target) continue;
      if (!found || verdict.log_odds > best_verdict.log_odds) {
        best = i;
        best_verdict = verdict;
      }
      found = true;
    }
    if (!found) break;
    result.steps.push_back({result.kept[best], best_verdict.probability});
    result.kept.erase(result.kept.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return result;
}

}  // namespace netdissect
