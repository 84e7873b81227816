#pragma once
// Weights of layers as the row kernels read them, made where they are first asked for and kept for
// all that follows: forward passes and plans of incremental inference alike.

#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "netdissect/nn/layer.h"
#include "nn/rows/channels.h"
#include "nn/rows/map_pool.h"
#include "nn/rows/row_product.h"
#include "nn/rows/winograd.h"

namespace netdissect {

class WeightStore {
 public:
  /// Those of a run of a layer's channels; nothing where it has no matrix. Layers are the same
  /// where they share their kind. From any thread.
  std::shared_ptr<const PackedWeights> Get(const AnyKind& kind, const ChannelRun& run,
                                           const RowKernels& kernels);

  /// The same for Winograd's products, all channels of a convolution that suits.
  std::shared_ptr<const WinogradWeights> GetWinograd(const AnyKind& kind,
                                                     const RowKernels& kernels);

  /// Of all that is kept.
  int64_t bytes();

  /// For activations of passes of the networks that share the weights.
  MapPool& maps() { return *maps_; }

 private:
  template <typename Weights>
  struct Kept {
    AnyKind kind;  // lives as long, so that no other kind takes its place
    std::shared_ptr<const Weights> weights;
  };

  std::shared_ptr<MapPool> maps_ = std::make_shared<MapPool>();
  std::mutex mutex_;
  std::map<std::tuple<const RowKernels*, const LayerKind*, int>, Kept<PackedWeights>> kept_;
  std::map<std::pair<const RowKernels*, const LayerKind*>, Kept<WinogradWeights>> winograd_;
};

}  // namespace netdissect
