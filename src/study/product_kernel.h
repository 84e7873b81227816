#pragma once
// Matrix products in double precision whose every sum runs in the order of its terms: a number does
// not depend on what is computed beside it, on the number of threads, or on how the terms are
// grouped into calls. (A BLAS promises none of these, and may not know the processor.)

#include <cstddef>
#include <cstdint>

namespace netdissect {

constexpr int64_t kPanelColumns = 8;  // columns of a panel
constexpr int64_t kTileRows = 24;     // rows of a tile

/// out[i][c] += sum over k < depth of a[i * row_stride + k * term_stride] * panel[k][c], for
/// kTileRows rows i and kPanelColumns columns c; `panel` and `out` are contiguous.
using TileProduct = void (*)(const double* a, ptrdiff_t row_stride, ptrdiff_t term_stride,
                             int64_t depth, const double* panel, double* out);

TileProduct PortableTileProduct();

/// The fastest that this processor runs.
TileProduct BestTileProduct();

}  // namespace netdissect
