#include "netdissect/study/minimal_image.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "netdissect/base/error.h"
#include "study/candidates.h"

namespace netdissect {
namespace {

// log(sum(exp(x))) of all scores but one.
double LogSumOfOthers(const double* scores, int64_t count, int64_t target) {
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < count; ++i) {
    if (i != target) largest = std::max(largest, scores[i]);
  }
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (i != target) sum += std::exp(scores[i] - largest);
  }
  return largest + std::log(sum);
}

}  // namespace

void MinimalImageOptions::Validate() const {
  if (batch < 1) Fail("minimal images: expected a batch of at least 1, found {}", batch);
  if (memory < 0) Fail("minimal images: expected memory of at least 0 bytes, found {}", memory);
}

std::vector<Verdict> Judge(const at::Tensor& scores, int target) {
  const at::Tensor rows = scores.flatten(1).to(at::kCPU, at::kDouble).contiguous();
  const int64_t classes = rows.size(1);
  if (target < 0 || target >= classes) {
    Fail("minimal images: expected a class of 0 to {}, found {}", classes - 1, target);
  }
  std::vector<Verdict> verdicts;
  for (int64_t n = 0; n < rows.size(0); ++n) {
    const double* row = rows.data_ptr<double>() + n * classes;
    if (std::any_of(row, row + classes, [](double score) { return std::isnan(score); })) {
      Fail("minimal images: expected scores that are numbers, found nan");
    }
    Verdict verdict;
    verdict.first = static_cast<int>(std::max_element(row, row + classes) - row);
    verdict.log_odds = classes == 1 ? std::numeric_limits<double>::infinity()
                                    : row[target] - LogSumOfOthers(row, classes, target);
    verdict.probability = 1 / (1 + std::exp(-verdict.log_odds));
    verdicts.push_back(verdict);
  }
  return verdicts;
}

MinimalImage FindMinimalImage(const Model& model, const at::Tensor& values, const at::Tensor& bases,
                              int target, const MinimalImageOptions& options) {
  options.Validate();
  if (bases.dim() != 4 || values.dim() != 3 || bases.sizes().slice(1) != values.sizes()) {
    Fail("minimal images: expected an image (3, H, W) and bases (S, 3, H, W), found {} and {}",
         fmt::join(values.sizes(), " x "), fmt::join(bases.sizes(), " x "));
  }
  const at::Tensor whole = Normalize(values, model.input).unsqueeze(0);
  const Verdict original =
      Judge(model.network.Forward(whole, {LogitLayer(model.network)})[0], target).front();
  if (original.first != target) {
    Fail("minimal images: expected an image whose first class is {}, found {}", target,
         original.first);
  }
  MinimalImage result;
  result.target = target;
  result.probability = original.probability;
  result.kept.resize(static_cast<size_t>(bases.size(0)));
  std::iota(result.kept.begin(), result.kept.end(), 0);
  const auto scorer = MakeCandidateScorer(model, values, bases, options);
  while (!result.kept.empty()) {
    std::vector<Verdict> verdicts;
    const auto batch = static_cast<size_t>(options.batch);
    for (size_t first = 0; first < result.kept.size(); first += batch) {
      const size_t last = std::min(first + batch, result.kept.size());
      const std::vector<int> segments(result.kept.begin() + static_cast<std::ptrdiff_t>(first),
                                      result.kept.begin() + static_cast<std::ptrdiff_t>(last));
      for (const Verdict& verdict : Judge(scorer->Score(segments), target)) {
        verdicts.push_back(verdict);
      }
    }
    result.passes += static_cast<int64_t>(verdicts.size());
    // Those that keep the class before those that do not, then by the odds.
    const auto worse = [&](const Verdict& a, const Verdict& b) {
      const bool a_keeps = a.first == target, b_keeps = b.first == target;
      return a_keeps != b_keeps ? b_keeps : a.log_odds < b.log_odds;
    };
    const auto best = std::max_element(verdicts.begin(), verdicts.end(), worse);
    const auto place = best - verdicts.begin();
    const Removal removal{result.kept[static_cast<size_t>(place)], best->probability};
    if (best->first != target) {
      result.refused = removal;
      result.refused_first = best->first;
      break;
    }
    result.steps.push_back(removal);
    result.kept.erase(result.kept.begin() + place);
    scorer->Remove(removal.segment);
  }
  return result;
}

at::Tensor ImageAfter(const at::Tensor& values, const at::Tensor& bases,
                      const std::vector<Removal>& removals, size_t steps) {
  at::Tensor image = values.clone();
  for (size_t i = 0; i < steps; ++i) image -= bases[removals[i].segment];
  return image;
}

}  // namespace netdissect
