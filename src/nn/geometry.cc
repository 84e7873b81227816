#include "netdissect/nn/geometry.h"

#include <algorithm>

#include "base/limits.h"
#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"

namespace netdissect {
namespace {

// Far beyond any image: what is computed from fields does not overflow.

// a + b * c, as long as it is within the bounds.
int64_t MultiplyAdd(int64_t a, int64_t b, int64_t c) {
  int64_t product = 0, sum = 0;
  if (__builtin_mul_overflow(b, c, &product) || __builtin_add_overflow(a, product, &sum) ||
      sum > kLargestReceptiveField || sum < -kLargestReceptiveField) {
    Fail("its receptive field is larger than {} pixels", kLargestReceptiveField);
  }
  return sum;
}

// All of `size` positions, whose places stay.
AxisField SeeAll(const AxisField& below, int size) {
  return {below.start,  MultiplyAdd(below.end, below.stride, size - 1), 0, true, below.Place(0),
          below.Pitch()};
}

// The same, its positions being where those below that `reach` takes are.
AxisField SeeAll(const AxisField& below, int size, const AxisReach& reach) {
  AxisField field = SeeAll(below, size);
  if (reach.everything && reach.step == 0) {  // one position, in the middle of all
    field.first_place += 0.5 * field.pitch * (size - 1);
    field.pitch = 0;
    return field;
  }
  // What lies between `low` and `high` on the mean over positions: divisions round down.
  const auto per = static_cast<double>(reach.per);
  const double middle = 0.5 * static_cast<double>(reach.low + reach.high) - 0.5 * (per - 1);
  field.first_place += field.pitch * middle / per;
  field.pitch *= static_cast<double>(reach.step) / per;
  return field;
}

// Of what sees `size` positions below through `reach`, at `positions` of its own.
AxisField See(const AxisField& below, int size, const AxisReach& reach, int positions) {
  if (reach.position()) return below;
  // Everything, or one position that all see.
  if (reach.everything || (reach.step == 0 && positions > 1)) return SeeAll(below, size, reach);
  const int64_t moved = MultiplyAdd(0, below.stride, reach.step);
  if (below.everything || moved % reach.per != 0) return SeeAll(below, size, reach);
  AxisField field = {below.start, below.end, moved / reach.per, false};
  if (reach.per == 1 && reach.clamp == 0) {
    field.start = MultiplyAdd(below.start, below.stride, reach.low);
    field.end = MultiplyAdd(below.end, below.stride, reach.high);
    return field;
  }
  // The least interval that holds what each position sees when it moves with the position.
  bool any = false;
  for (int64_t o = 0; o < positions; ++o) {
    const int64_t first = reach.first(o), last = reach.last(o);
    if (first > last) continue;
    const int64_t start =
        MultiplyAdd(MultiplyAdd(below.start, below.stride, first), -o, field.stride);
    const int64_t end = MultiplyAdd(MultiplyAdd(below.end, below.stride, last), -o, field.stride);
    field.start = any ? std::min(field.start, start) : start;
    field.end = any ? std::max(field.end, end) : end;
    any = true;
  }
  return field;
}

AxisField Unite(const AxisField& a, int a_size, const AxisField& b, int b_size) {
  // Beside what sees everything, all positions count.
  if (a.everything != b.everything) return Unite(SeeAll(a, a_size), 1, SeeAll(b, b_size), 1);
  if (a.everything) {
    const AxisField& placed = a.pitch != 0 ? a : b;
    return {std::min(a.start, b.start),
            std::max(a.end, b.end),
            0,
            true,
            placed.first_place,
            placed.pitch};
  }
  // A lone position does not move.
  if (a.stride != b.stride && (a_size > 1 || b_size > 1)) {
    Fail("expected inputs of one stride, found {} and {} pixels", a.stride, b.stride);
  }
  return {std::min(a.start, b.start), std::max(a.end, b.end), a.stride, a.everything};
}

// Of a layer's output, from those of its inputs.
ReceptiveField FieldOf(const Network& network, const Layer& layer,
                       const std::vector<ReceptiveField>& fields) {
  ReceptiveField field;
  for (size_t k = 0; k < layer.inputs.size(); ++k) {
    const ReceptiveField& below = fields[static_cast<size_t>(layer.inputs[k])];
    const Shape& shape = network.layer(layer.inputs[k]).shape;
    const Reach reach = layer.kind->GetReach(shape, layer.shape);
    const ReceptiveField seen = {See(below.y, shape.height, reach.y, layer.shape.height),
                                 See(below.x, shape.width, reach.x, layer.shape.width)};
    if (k == 0) {
      field = seen;
    } else {
      field = {Unite(field.y, layer.shape.height, seen.y, layer.shape.height),
               Unite(field.x, layer.shape.width, seen.x, layer.shape.width)};
    }
  }
  return field;
}

}  // namespace

std::vector<ReceptiveField> TheoreticalFields(const Network& network) {
  std::vector<ReceptiveField> fields(static_cast<size_t>(network.size()));
  for (int i = 1; i < network.size(); ++i) {
    try {
      fields[static_cast<size_t>(i)] = FieldOf(network, network.layer(i), fields);
    } catch (const Error& error) {
      Fail("layer {}: {}", network.layer(i).name, error.what());
    }
  }
  return fields;
}

}  // namespace netdissect
