#include "nn/rows/weight_store.h"

#include "nn/kinds/kind.h"

namespace netdissect {

std::shared_ptr<const PackedWeights> WeightStore::Get(int layer, const LayerKind& kind,
                                                      const ChannelRun& run,
                                                      const RowKernels& kernels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<const PackedWeights>& kept = kept_[{&kernels, layer, run.first}];
  if (!kept) kept = kind.Pack(run, kernels);
  return kept;
}

}  // namespace netdissect
