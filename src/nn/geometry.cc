#include "netdissect/nn/geometry.h"

#include <algorithm>

#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"

namespace netdissect {
namespace {

// Far beyond any image: what is computed from fields does not overflow.
constexpr int64_t kLargestField = int64_t{1} << 48;

// a + b * c, as long as it is within the bounds.
int64_t MultiplyAdd(int64_t a, int64_t b, int64_t c) {
  int64_t product = 0, sum = 0;
  if (__builtin_mul_overflow(b, c, &product) || __builtin_add_overflow(a, product, &sum) ||
      sum > kLargestField || sum < -kLargestField) {
    Fail("its receptive field is larger than {} pixels", kLargestField);
  }
  return sum;
}

AxisField Slide(const AxisField& below, const AxisWindow& window) {
  return {MultiplyAdd(below.start, below.stride, window.first(0)),
          MultiplyAdd(below.end, below.stride, window.last(0)),
          MultiplyAdd(0, below.stride, window.stride), below.everything};
}

AxisField SeeAll(const AxisField& below, int size) {
  return {below.start, MultiplyAdd(below.end, below.stride, size - 1), 0, true};
}

AxisField Unite(const AxisField& a, int a_size, const AxisField& b, int b_size) {
  // Beside what sees everything, all positions count.
  if (a.everything != b.everything) return Unite(SeeAll(a, a_size), 1, SeeAll(b, b_size), 1);
  if (a.stride != b.stride) {
    Fail("expected inputs of one stride, found {} and {} pixels", a.stride, b.stride);
  }
  return {std::min(a.start, b.start), std::max(a.end, b.end), a.stride, a.everything};
}

// Of a layer's output, from those of its inputs.
ReceptiveField FieldOf(const Network& network, const Layer& layer,
                       const std::vector<ReceptiveField>& fields) {
  const int first = layer.inputs.front();
  ReceptiveField field = fields[static_cast<size_t>(first)];
  const Shape& shape = network.layer(first).shape;
  for (size_t k = 1; k < layer.inputs.size(); ++k) {
    const ReceptiveField& other = fields[static_cast<size_t>(layer.inputs[k])];
    const Shape& other_shape = network.layer(layer.inputs[k]).shape;
    field = {Unite(field.y, shape.height, other.y, other_shape.height),
             Unite(field.x, shape.width, other.x, other_shape.width)};
  }
  const Reach reach = layer.kind->GetReach();
  if (reach.everything()) return {SeeAll(field.y, shape.height), SeeAll(field.x, shape.width)};
  if (reach.of == Reach::Of::kPosition) return field;
  return {Slide(field.y, reach.window.y), Slide(field.x, reach.window.x)};
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
