#include "netdissect/nn/pass.h"

#include <c10/core/InferenceMode.h>

#include "base/clock.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

LoaderOptions LoadingOf(const PassOptions& options, const PassVisitor& visitor) {
  LoaderOptions loading;
  loading.batch = options.batch;
  loading.threads = options.threads;
  loading.strict = options.strict;
  loading.keep = visitor.keep;
  return loading;
}

}  // namespace

void PassOptions::Validate(const std::string& what) const {
  if (batch < 1) Fail("{}: expected a batch of at least 1, found {}", what, batch);
  if (threads < 1) Fail("{}: expected at least 1 decoding thread, found {}", what, threads);
  if (shard.of < 1 || shard.part < 0 || shard.part >= shard.of) {
    Fail("{}: expected a part from 0 to one below the number of parts, found {} of {}", what,
         shard.part, shard.of);
  }
}

std::vector<int64_t> PartOf(const std::vector<int64_t>& items, const Shard& shard) {
  const auto count = static_cast<int64_t>(items.size());
  // Without a product that overflows: the first `count % of` parts have one more.
  const int64_t each = count / shard.of, more = count % shard.of;
  const int64_t begin = shard.part * each + std::min(shard.part, more);
  const int64_t end = begin + each + (shard.part < more ? 1 : 0);
  return {items.begin() + begin, items.begin() + end};
}

PassSummary RunPass(const Network& network, const InputFormat& format, const ImageSets& images,
                    const std::vector<int64_t>& chosen, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options, Observer& observer) {
  options.Validate("pass");
  const c10::InferenceMode inference;
  const auto start = Clock::now();
  const std::vector<int64_t> part = PartOf(chosen, options.shard);
  const auto total = static_cast<int64_t>(part.size());
  ImageLoader loader(images, part, format, LoadingOf(options, visitor));
  PassSummary summary;
  while (const std::optional<ImageBatch> batch = loader.Next()) {
    const bool goes_on = !visitor.begin || visitor.begin(*batch);
    if (goes_on && !wanted.empty()) {
      network.Forward(batch->input, wanted, [&](size_t which, const at::Tensor& output) {
        visitor.output(*batch, which, output);
      });
    }
    if (visitor.end) visitor.end(*batch);
    summary.images += static_cast<int64_t>(batch->indices.size());
    observer.Progress(visitor.what, loader.done(), total);
    if (loader.done() < total) CheckStop(observer, visitor.what, loader.done(), total);
  }
  summary.skipped = loader.skipped();
  summary.seconds = SecondsSince(start);
  if (total > 0 && summary.images == 0) {
    Fail("none of the {} images could be read; the first: {}", total,
         summary.skipped.front().reason);
  }
  return summary;
}

PassSummary RunPass(const Model& model, const ImageSets& images, const std::vector<int>& wanted,
                    const PassVisitor& visitor, const PassOptions& options, Observer& observer) {
  return RunPass(model.network, model.input, images, AllOf(images), wanted, visitor, options,
                 observer);
}

}  // namespace netdissect
