#pragma once
// Where the tiles of a program's steps lie for some of the occluders, and what memory they take.
// Geometry alone.

#include <vector>

#include "nn/tiles/tiles.h"
#include "probe/occluder_reach.h"

namespace netdissect {

/// An occluder by its place in the grid.
struct GridCell {
  int row = 0, column = 0;
};

class TileLayout {
 public:
  /// All arguments must outlive it.
  TileLayout(const Network& network, const Program& program, const OccluderSet& occluders);

  /// The occluders that the units see, in batches that take up to `memory` bytes each, those whose
  /// tiles are of like sizes together; on a CPU smaller ones, of which caches hold something.
  std::vector<std::vector<GridCell>> Batches(int64_t memory, const at::Device& device) const;

  /// Tiles of the occluders' pixels, and of each step's output: of the size of the largest, moved
  /// to where they lie inside the map. None (of no height) of a step that none of them changes or
  /// nobody wants.
  struct Places {
    Tiles patches;
    std::vector<Tiles> steps;
  };
  Places PlacesOf(const std::vector<GridCell>& cells, const at::Device& device) const;

  /// Of the steps of a batch.
  int64_t MultiplyAdds(const std::vector<GridCell>& batch) const;

 private:
  std::vector<GridCell> Cells() const;
  // Of a step's tiles.
  Extent SizeOf(size_t step, const std::vector<GridCell>& cells) const;
  // What one occluder takes where all tiles are as large as the largest of `cells`.
  struct Need {
    int64_t bytes = 0;   // at most at a time
    int64_t values = 0;  // in one tensor
  };
  Need NeedOf(const std::vector<GridCell>& cells) const;

  const Network& network_;
  const Program& program_;
  const OccluderSet& occluders_;
  const OccluderReach reach_;
};

/// Bytes of what is held on the device for all occluders: the unoccluded image's activations, as
/// far as the units need them, and the occluders' pixels.
int64_t HeldBytes(const Network& network, const OccluderSet& occluders,
                  const std::vector<UnitPosition>& units);

}  // namespace netdissect
