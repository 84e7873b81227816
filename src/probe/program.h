#pragma once
// What has to be recomputed for some units of one image: the steps, in order, with the positions
// and channels that the units can see. The backward half of incremental inference; the forward
// half, what an occluder can change, is followed while it runs.

#include <memory>
#include <vector>

#include "netdissect/probe/occlusion.h"
#include "probe/rect.h"
#include "probe/row_product.h"

namespace netdissect {

/// A layer, row or item as an index of a vector.
inline size_t At(int index) { return static_cast<size_t>(index); }

/// A convolution's weights in pieces for the kernels, made on first use: whole groups are kept.
class WeightCache {
 public:
  explicit WeightCache(const Network& network);

  /// All output channels of one group.
  const PackedWeights& Group(int layer, int group);
  /// Output channels [first, first + count), all of one group.
  PackedWeights Columns(int layer, int first, int count) const;

 private:
  const Network& network_;
  std::vector<at::Tensor> weights_, biases_;  // of convolutions, float32 on the CPU
  std::vector<std::vector<std::unique_ptr<PackedWeights>>> groups_;
};

/// Output channels [first, first + columns) of a convolution.
struct ConvolutionPart {
  int first = 0;
  int group = 0;
  const PackedWeights* weights = nullptr;
  std::shared_ptr<PackedWeights> own;  // where the part is no whole group
};

struct Step {
  int layer = 0;  // what is computed
  int output =
      0;  // the layer whose values are stored: a rectification that follows is done on the way
  bool rectify = false;
  float slope = 0;
  std::vector<ConvolutionPart> parts;  // of a convolution
};

/// Which channels of a layer are wanted, and between which they lie.
struct ChannelNeed {
  std::vector<char> wanted;
  int first = 0, count = 0;  // hull of `wanted`
};

struct Program {
  std::vector<UnitPosition> units;
  std::vector<Step> steps;            // layers whose outputs have positions, below any global layer
  std::vector<int> upper;             // layers that see all positions, and what stands on them
  std::vector<int> boundary;          // stored layers that `upper` reads
  std::vector<ChannelNeed> channels;  // by layer
  std::vector<std::vector<Rect>> sight;  // [layer]: what each unit sees of it; distinct ones only
  bool Needs(int layer) const { return !sight[static_cast<size_t>(layer)].empty(); }

  /// What the units can see of what a change reaches.
  Rect See(int layer, const Rect& reached) const {
    Rect seen;
    for (const Rect& rect : sight[static_cast<size_t>(layer)]) {
      seen = Hull(seen, Intersect(rect, reached));
    }
    return seen;
  }
};

/// `whole`: for all positions and channels, as the unoccluded image needs them. Without `cache` no
/// weights are packed: enough for counting.
Program Compile(const Network& network, const std::vector<UnitPosition>& units, bool whole,
                WeightCache* cache);

/// Multiply-adds of one occluder's convolutions below global layers, `patch` being the pixels it
/// covers.
int64_t CountMultiplyAdds(const Network& network, const Program& program, const Rect& patch);

}  // namespace netdissect
