#include "netdissect/nn/geometry.h"

#include "netdissect/base/error.h"
#include "nn/kinds/kind.h"

namespace netdissect {
namespace {

AxisField Slide(const AxisField& below, const AxisWindow& window) {
  return {below.start + below.stride * window.first(0), below.end + below.stride * window.last(0),
          below.stride * window.stride};
}

AxisField SeeAll(const AxisField& below, int size) {
  return {below.start, below.end + below.stride * (size - 1), 0};
}

AxisField Unite(const std::string& name, const AxisField& a, const AxisField& b) {
  if (a.stride != b.stride) {
    Fail("layer {}: expected inputs of one stride, found {} and {} pixels", name, a.stride,
         b.stride);
  }
  return {std::min(a.start, b.start), std::max(a.end, b.end), a.stride};
}

}  // namespace

std::vector<ReceptiveField> TheoreticalFields(const Network& network) {
  std::vector<ReceptiveField> fields(static_cast<size_t>(network.size()));
  for (int i = 1; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    ReceptiveField field = fields[static_cast<size_t>(layer.inputs[0])];
    for (size_t k = 1; k < layer.inputs.size(); ++k) {
      const ReceptiveField& other = fields[static_cast<size_t>(layer.inputs[k])];
      field = {Unite(layer.name, field.y, other.y), Unite(layer.name, field.x, other.x)};
    }
    const Reach reach = layer.kind->GetReach();
    if (reach.of == Reach::Of::kWindow) {
      field = {Slide(field.y, reach.window.y), Slide(field.x, reach.window.x)};
    } else if (reach.everything()) {
      const Shape& below = network.layer(layer.inputs[0]).shape;
      field = {SeeAll(field.y, below.height), SeeAll(field.x, below.width)};
    }
    fields[static_cast<size_t>(i)] = field;
  }
  return fields;
}

}  // namespace netdissect
