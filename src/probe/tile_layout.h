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

  /// The occluders that the units see, those whose tiles are of like sizes beside each other.
  std::vector<GridCell> Cells() const;

  /// Tiles of the occluders' pixels, and of each step's output: of the size of the largest, moved
  /// to where they lie inside the map. None (of no height) of a step that none of them changes.
  struct Places {
    Tiles patches;
    std::vector<Tiles> steps;
  };
  Places PlacesOf(const std::vector<GridCell>& cells, const at::Device& device) const;

  /// Memory of one occluder, at most at a time, and the most values that it has in one tensor, if
  /// all tiles are as large as the largest of `cells`.
  struct Need {
    int64_t bytes = 0;
    int64_t values = 0;
  };
  Need NeedOf(const std::vector<GridCell>& cells) const;

 private:
  Extent SizeOf(size_t step, const std::vector<GridCell>& cells) const;

  const Network& network_;
  const Program& program_;
  const OccluderSet& occluders_;
  const OccluderReach reach_;
};

}  // namespace netdissect
