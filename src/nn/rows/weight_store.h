#pragma once
// Weights of a network's layers as the row kernels read them, made where they are first asked for
// and kept for all that follows: forward passes and plans of incremental inference alike.

#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "nn/rows/channels.h"
#include "nn/rows/row_product.h"

namespace netdissect {

class LayerKind;

class WeightStore {
 public:
  /// Those of a run of channels of layer number `layer`, which is of this kind; nothing where it
  /// has no matrix. From any thread.
  std::shared_ptr<const PackedWeights> Get(int layer, const LayerKind& kind, const ChannelRun& run,
                                           const RowKernels& kernels);

 private:
  std::mutex mutex_;
  std::map<std::tuple<const RowKernels*, int, int>, std::shared_ptr<const PackedWeights>> kept_;
};

}  // namespace netdissect
