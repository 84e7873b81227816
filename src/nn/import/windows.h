#pragma once
// Convolutions, poolings, padding and resizing of (N, C, H, W). Zeros that a Pad has promised
// around their input are taken up where that is exact, and made by a layer where it is not.

#include <string>
#include <vector>

#include "base/limits.h"
#include "nn/import/graph_builder.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/pooling.h"
#include "nn/kinds/resize.h"
#include "nn/kinds/transposed_convolution.h"

namespace netdissect {

/// A pair of numbers of 1 to kLongestSide; Error that says `what`.
Extent ExtentFrom(const std::vector<int64_t>& numbers, const std::string& what);
/// Top, left, bottom, right of 0 to kLongestSide.
Padding PaddingFrom(const std::vector<int64_t>& numbers, const std::string& what);

/// `convolution` has everything but its number of units, which its weight says; errors call that
/// `weight_name`.
View Convolve(GraphBuilder& graph, const std::string& name, const View& x, Convolution convolution,
              const std::string& weight_name = "weight");
View ConvolveTransposed(GraphBuilder& graph, const std::string& name, const View& x,
                        TransposedConvolution convolution);
View PoolWindows(GraphBuilder& graph, const std::string& name, const View& x, Pooling pooling);

/// Means or maxima of output.y x output.x equal parts of the image; NotSupported where they are
/// unequal.
View PoolAdaptively(GraphBuilder& graph, const std::string& name, const View& x,
                    const Extent& output, Pooling::Method method);

enum class PadMode { kConstant, kReflect, kReplicate };
/// By axis: numbers before and after; negative ones cut off.
View PadAxes(GraphBuilder& graph, const std::string& name, const View& x, PadMode mode, float value,
             const std::vector<int64_t>& before, const std::vector<int64_t>& after);

View ResizeImage(GraphBuilder& graph, const std::string& name, const View& x, const Resize& resize);

/// Depth to space and back; `channels_first`: PyTorch's order (C, r, r), else (r, r, C).
View DepthToSpace(GraphBuilder& graph, const std::string& name, const View& x, int64_t factor,
                  bool channels_first);
View SpaceToDepth(GraphBuilder& graph, const std::string& name, const View& x, int64_t factor,
                  bool channels_first);

}  // namespace netdissect
