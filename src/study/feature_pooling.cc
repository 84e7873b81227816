#include "study/feature_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/amax.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

int SideOf(std::string_view text, const std::string& all) {
  const int64_t side = ParseInteger(text, "pool");
  if (side < 1 || side > std::numeric_limits<int>::max()) {
    Fail("pool: expected cells of a grid from 1 on, found {}", all);
  }
  return static_cast<int>(side);
}

}  // namespace

FeaturePooling ParsePooling(const std::string& text) {
  FeaturePooling pooling;
  if (text == "fit") return pooling;
  pooling.kind = FeaturePooling::Kind::kGrid;
  if (text == "mean") return pooling;
  if (text == "none" || text == "max") {
    pooling.kind = text == "max" ? FeaturePooling::Kind::kMax : FeaturePooling::Kind::kNone;
    return pooling;
  }
  const size_t by = text.find('x');
  if (by == std::string::npos || by == 0 || by + 1 == text.size()) {
    Fail("pool: expected fit, none, mean, max or a grid like 4x4, found {}", text);
  }
  pooling.height = SideOf(std::string_view(text).substr(0, by), text);
  pooling.width = SideOf(std::string_view(text).substr(by + 1), text);
  return pooling;
}

std::string NameOf(const FeaturePooling& pooling) {
  switch (pooling.kind) {
    case FeaturePooling::Kind::kFit:
      return "fit";
    case FeaturePooling::Kind::kNone:
      return "none";
    case FeaturePooling::Kind::kMax:
      return "max";
    case FeaturePooling::Kind::kGrid:
      break;
  }
  if (pooling.height == 1 && pooling.width == 1) return "mean";
  return fmt::format("{}x{}", pooling.height, pooling.width);
}

Shape PooledShape(const Shape& shape, const FeaturePooling& pooling, const std::string& layer) {
  Shape pooled = shape;
  switch (pooling.kind) {
    case FeaturePooling::Kind::kNone:
      return pooled;
    case FeaturePooling::Kind::kMax:
      pooled.height = pooled.width = 1;
      return pooled;
    case FeaturePooling::Kind::kGrid:
      if (pooling.height > shape.height || pooling.width > shape.width) {
        Fail("layer {}: expected a grid within {} x {} positions, found {}", layer, shape.height,
             shape.width, NameOf(pooling));
      }
      pooled.height = pooling.height;
      pooled.width = pooling.width;
      return pooled;
    case FeaturePooling::Kind::kFit:
      break;
  }
  const auto cells = [](const Shape& each) {
    return int64_t{each.units} * each.height * each.width;
  };
  for (int side = std::max(shape.height, shape.width); cells(pooled) > pooling.most && side > 1;) {
    --side;
    pooled.height = std::min(side, shape.height);
    pooled.width = std::min(side, shape.width);
  }
  return pooled;
}

at::Tensor PoolFeatures(const at::Tensor& output, const FeaturePooling& pooling,
                        const Shape& pooled) {
  if (pooling.kind == FeaturePooling::Kind::kMax) return at::amax(output, {2, 3});
  if (output.size(2) == pooled.height && output.size(3) == pooled.width) {
    return output.flatten(1);
  }
  return at::adaptive_avg_pool2d(output, {pooled.height, pooled.width}).flatten(1);
}

}  // namespace netdissect
