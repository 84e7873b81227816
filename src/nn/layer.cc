#include "netdissect/nn/layer.h"

#include <fmt/format.h>

#include "nn/kinds/kind.h"
#include "nn/kinds/parameters.h"

namespace netdissect {
namespace {

class WeightMapper : public ParameterVisitor {
 public:
  using Map = std::function<at::Tensor(const std::string&, const at::Tensor&)>;
  explicit WeightMapper(const Map& map) : map_(map) {}

  void Visit(const char*, const char*, ParameterRef) override {}
  void VisitWeight(const char* name, at::Tensor& weight) override {
    if (weight.defined()) weight = map_(name, weight);
  }

 private:
  const Map& map_;
};

}  // namespace

bool operator==(const Shape& a, const Shape& b) {
  return a.units == b.units && a.height == b.height && a.width == b.width;
}

std::string ToString(const Shape& shape) {
  return fmt::format("{} x {} x {}", shape.units, shape.height, shape.width);
}

AnyKind AnyKind::Visited(ParameterVisitor& visitor) const {
  const std::shared_ptr<LayerKind> copy = copy_(*kind_);
  copy->Visit(visitor);
  return {copy, copy_};
}

std::string KindName(const AnyKind& kind) { return kind->Name(); }

AnyKind MapWeights(
    const AnyKind& kind,
    const std::function<at::Tensor(const std::string& name, const at::Tensor& weight)>& map) {
  WeightMapper mapper(map);
  return kind.Visited(mapper);
}

void ForEachWeight(
    const AnyKind& kind,
    const std::function<void(const std::string& name, const at::Tensor& weight)>& visit) {
  MapWeights(kind, [&](const std::string& name, const at::Tensor& weight) {
    visit(name, weight);
    return weight;
  });
}

}  // namespace netdissect
