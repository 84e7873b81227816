#include "train/accuracy.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <limits>

namespace netdissect {
namespace {

// How many classes come before `target`: 0 where it has the highest score.
int RankOf(const float* scores, int units, int target) {
  int rank = 0;
  for (int i = 0; i < units; ++i) {
    const bool before = scores[i] > scores[target] || (scores[i] == scores[target] && i < target);
    rank += before ? 1 : 0;
  }
  return std::isnan(scores[target]) ? units : rank;
}

}  // namespace

Accuracy MeasureAccuracy(const Network& network, const InputFormat& format, const Dataset& set,
                         const std::vector<int>& targets, const LoaderOptions& loading,
                         Workers& workers) {
  Accuracy accuracy;
  ImageLoader loader(set.images, format, loading);
  const int units = network.layers().back().shape.units;
  int64_t first = 0, fifth = 0;
  std::vector<ImageBatch> batches;
  std::vector<at::Tensor> scores;
  for (bool more = true; more;) {
    batches.clear();
    while (batches.size() < static_cast<size_t>(loading.threads)) {
      std::optional<ImageBatch> batch = loader.Next();
      more = batch.has_value();
      if (!more) break;
      batches.push_back(std::move(*batch));
    }
    scores.resize(batches.size());
    workers.Run(static_cast<int64_t>(batches.size()), [&](int64_t i) {
      const at::NoGradGuard no_gradients;
      const at::Tensor input =
          batches[static_cast<size_t>(i)].input.contiguous(at::MemoryFormat::ChannelsLast);
      scores[static_cast<size_t>(i)] =
          network.Forward(input, {network.size() - 1})[0].flatten(1).contiguous();
    });
    for (size_t b = 0; b < batches.size(); ++b) {
      for (size_t n = 0; n < batches[b].indices.size(); ++n) {
        const int label = set.images[static_cast<size_t>(batches[b].indices[n])].label;
        if (label < 0 || static_cast<size_t>(label) >= targets.size()) continue;
        const int target = targets[static_cast<size_t>(label)];
        if (target < 0) continue;
        const int rank =
            RankOf(scores[b].data_ptr<float>() + static_cast<int64_t>(n) * units, units, target);
        first += rank == 0 ? 1 : 0;
        fifth += rank < 5 ? 1 : 0;
        ++accuracy.counted;
      }
    }
  }
  const auto fraction = [&](int64_t count) {
    return accuracy.counted == 0
               ? std::numeric_limits<double>::quiet_NaN()
               : static_cast<double>(count) / static_cast<double>(accuracy.counted);
  };
  accuracy.top1 = fraction(first);
  accuracy.top5 = fraction(fifth);
  accuracy.skipped = loader.skipped();
  return accuracy;
}

}  // namespace netdissect
