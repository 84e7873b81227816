#include "nn/rows/weight_store.h"

#include "nn/kinds/kind.h"

namespace netdissect {

std::shared_ptr<const PackedWeights> WeightStore::Get(const AnyKind& kind, const ChannelRun& run,
                                                      const RowKernels& kernels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto key = std::make_tuple(&kernels, kind.operator->(), run.first);
  const auto found = kept_.find(key);
  if (found != kept_.end()) return found->second.weights;
  return kept_.emplace(key, Kept<PackedWeights>{kind, kind->Pack(run, kernels)})
      .first->second.weights;
}

int64_t WeightStore::bytes() {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t bytes = 0;
  for (const auto& [key, kept] : kept_) {
    if (kept.weights != nullptr) bytes += kept.weights->bytes();
  }
  for (const auto& [key, kept] : winograd_) {
    for (const PackedWeights& product : kept.weights->products) bytes += product.bytes();
  }
  return bytes;
}

std::shared_ptr<const WinogradWeights> WeightStore::GetWinograd(const AnyKind& kind,
                                                                const RowKernels& kernels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Kept<WinogradWeights> fresh{kind, nullptr};
  Kept<WinogradWeights>& kept =
      winograd_.emplace(std::make_pair(&kernels, kind.operator->()), std::move(fresh))
          .first->second;
  if (kept.weights == nullptr) kept.weights = PackWinograd(kind, kernels);
  return kept.weights;
}

}  // namespace netdissect
