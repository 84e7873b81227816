#pragma once
// What the axes of a tensor in a network's file mean: how each is made of a layer's (N, C, H, W).
//
// Files reshape and permute tensors where our layers keep theirs as (N, C, H, W). An axis is
// therefore a product of parts: digits of the positions along N, C, H or W. Position p along C, for
// example, has the digit p / inner % size in a part {C, size, inner}. A reshape splits and joins
// parts, a permutation reorders axes; whether anything has to be computed shows only when somebody
// wants the tensor in a certain form. Channels last (N, H, W, C), the reshapes and permutations of
// a channel shuffle, and flattening in any order are all the same thing this way.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/nn/layer.h"

namespace netdissect {

enum class Origin { kN, kC, kH, kW };

/// The batch size among an axis' sizes: unknown, and the same everywhere. Multiples of it are
/// batches joined with other parts.
constexpr int64_t kBatch = -1000003;

struct AxisPart {
  Origin of = Origin::kC;
  int64_t size = 1;   // kBatch of N
  int64_t inner = 1;  // product of the sizes of the parts of the same origin that count faster
};
bool operator==(const AxisPart& a, const AxisPart& b);

/// Parts from the slowest to the fastest; none: an axis of size 1. Parts of size 1 are left out,
/// neighbours that are one part joined.
using Axis = std::vector<AxisPart>;
using Axes = std::vector<Axis>;

/// The whole of one origin: {{of, size, 1}}, or nothing where `size` is 1.
Axis WholeAxis(Origin of, int64_t size);

/// (N, C, H, W), and (N, C) where there are no positions.
Axes LayerAxes(const Shape& shape);
Axes FlatAxes(const Shape& shape);

/// Product of the parts' sizes.
int64_t SizeOf(const Axis& axis);
std::vector<int64_t> SizesOf(const Axes& axes);

/// "N x 3 x 224 x 224"
std::string ToString(const std::vector<int64_t>& sizes);

bool IsBatch(const Axis& axis);

/// True where all parts are of this origin.
bool IsOnly(const Axis& axis, Origin of);

/// What a reshape makes of the axes. Among `sizes` -1 is what is left, and `batch` or 1 in the
/// first place mean the batch where nothing else does. Nothing where the sizes do not fit, or would
/// cut an axis at no boundary of digits.
std::optional<Axes> Reshaped(const Axes& axes, std::vector<int64_t> sizes, int64_t batch);

/// For every position along the axis, in its order, the place in a (C, H, W) array of the layer.
/// The axis has no part of N.
std::vector<int64_t> PlacesAlong(const Axis& axis, const Shape& shape);

}  // namespace netdissect
