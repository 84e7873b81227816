#pragma once
// Convolutions of 3 x 3 with stride 1 by Winograd's minimal filtering, F(2 x 2, 3 x 3): 16 products
// for 2 x 2 outputs where sums of taps take 36 (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016, section 4.1). Its transforms add and halve, so rounding stays near that
// of the sums; larger tiles would save more and lose digits.
//
// Tiles lie at even positions of the output, so that an output does not depend on what is computed
// beside it. For whole images alone: incremental inference needs sums that are the same for equal
// inputs wherever they lie in a tile.

#include <memory>
#include <vector>

#include "nn/rows/row_task.h"

namespace netdissect {

/// Filters as the products read them: G g G' (equation 8).
struct WinogradWeights {
  static constexpr int kPoints = 16;
  int groups = 1;
  int top = 0, left = 0;                // padding
  std::vector<PackedWeights> products;  // by group and point
  std::vector<float> bias;              // (units)
};

/// Whether a layer is a convolution that takes clearly fewer products this way.
bool SuitsWinograd(const AnyKind& kind, const Shape& output);

/// Of a convolution that suits.
std::shared_ptr<const WinogradWeights> PackWinograd(const AnyKind& kind, const RowKernels& kernels);

/// ComputeRows of the layer; the task's runs are not looked at, all channels are computed.
void ComputeWinograd(const RowTask& task, const WinogradWeights& weights);

}  // namespace netdissect
