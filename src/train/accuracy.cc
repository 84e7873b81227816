#include "train/accuracy.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>

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
                         const std::vector<int>& targets, const PassOptions& options,
                         Workers& workers) {
  Accuracy accuracy;
  const int score_layer = ScoreLayer(network), units = network.layer(score_layer).shape.units;
  int64_t first = 0, fifth = 0;
  const auto judge = [&](int64_t image, const float* scores) {
    const int label = set.images[static_cast<size_t>(image)].label;
    if (label < 0 || static_cast<size_t>(label) >= targets.size()) return;
    const int target = targets[static_cast<size_t>(label)];
    if (target < 0) return;
    const int rank = RankOf(scores, units, target);
    first += rank == 0 ? 1 : 0;
    fifth += rank < 5 ? 1 : 0;
    ++accuracy.counted;
  };
  // A batch on each thread: what comes out does not depend on their number.
  std::vector<ImageBatch> batches;
  std::vector<at::Tensor> scores;
  const auto flush = [&] {
    scores.resize(batches.size());
    workers.Run(static_cast<int64_t>(batches.size()), [&](int64_t i) {
      const c10::InferenceMode inference;
      const at::Tensor input =
          batches[static_cast<size_t>(i)].input.contiguous(at::MemoryFormat::ChannelsLast);
      scores[static_cast<size_t>(i)] =
          network.Forward(input, std::vector<int>{score_layer})[0].flatten(1).contiguous();
    });
    for (size_t b = 0; b < batches.size(); ++b) {
      for (size_t n = 0; n < batches[b].indices.size(); ++n) {
        judge(batches[b].indices[n], scores[b].data_ptr<float>() + static_cast<int64_t>(n) * units);
      }
    }
    batches.clear();
  };
  PassVisitor visitor;
  visitor.begin = [&](const ImageBatch& batch) {
    batches.push_back(batch);
    if (batches.size() == static_cast<size_t>(options.threads)) flush();
    return true;
  };
  const ImageSets images{set};
  accuracy.skipped = RunPass(network, format, images, AllOf(images), {}, visitor, options).skipped;
  flush();
  const auto fraction = [&](int64_t count) {
    return accuracy.counted == 0
               ? std::numeric_limits<double>::quiet_NaN()
               : static_cast<double>(count) / static_cast<double>(accuracy.counted);
  };
  accuracy.top1 = fraction(first);
  accuracy.top5 = fraction(fifth);
  return accuracy;
}

}  // namespace netdissect
