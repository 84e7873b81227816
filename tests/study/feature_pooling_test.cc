#include "study/feature_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/mean.h>
#include <gtest/gtest.h>

#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(FeaturePoolingTest, TheFinestGridThatFitsIsTaken) {
  const auto fitted = [](const Shape& shape) { return PooledShape(shape, {}, "layer"); };
  EXPECT_EQ(fitted({4096, 1, 1}), (Shape{4096, 1, 1}));
  EXPECT_EQ(fitted({9000, 1, 1}), (Shape{9000, 1, 1}));  // nothing to average
  EXPECT_EQ(fitted({256, 4, 4}), (Shape{256, 4, 4}));
  EXPECT_EQ(fitted({256, 6, 6}), (Shape{256, 4, 4}));
  EXPECT_EQ(fitted({96, 55, 55}), (Shape{96, 6, 6}));
  EXPECT_EQ(fitted({5000, 3, 3}), (Shape{5000, 1, 1}));
  EXPECT_EQ(fitted({100, 2, 50}), (Shape{100, 2, 20}));
}

TEST(FeaturePoolingTest, NamesAreReadBack) {
  for (const char* name : {"fit", "none", "mean", "max", "4x4", "2x13"}) {
    EXPECT_EQ(NameOf(ParsePooling(name)), name);
  }
  for (const char* name : {"", "4", "x4", "4x", "0x2", "ax2", "median"}) {
    EXPECT_FALSE(ErrorOf([&] { ParsePooling(name); }).empty()) << name;
  }
  EXPECT_TRUE(HasAll(ErrorOf([] {
                       PooledShape({8, 3, 3}, ParsePooling("4x4"), "conv9");
                     }),
                     {"conv9", "3 x 3", "4x4"}));
}

TEST(FeaturePoolingTest, CellsAreMeansUnitByUnit) {
  const at::Tensor output = at::arange(2 * 3 * 4 * 6, at::kFloat).view({2, 3, 4, 6});
  const auto pooled = [&](const char* name) {
    const FeaturePooling pooling = ParsePooling(name);
    return PoolFeatures(output, pooling, PooledShape({3, 4, 6}, pooling, "layer"));
  };
  EXPECT_TRUE(at::equal(pooled("none"), output.flatten(1)));
  EXPECT_TRUE(at::equal(pooled("fit"), output.flatten(1)));
  EXPECT_TRUE(at::equal(pooled("mean"), output.mean({2, 3})));
  EXPECT_TRUE(at::equal(pooled("max"), output.amax({2, 3})));
  const at::Tensor grid = pooled("2x3");
  ASSERT_EQ(grid.size(1), 3 * 2 * 3);
  // Unit 1, cell (1, 2): rows 2 and 3, columns 4 and 5.
  const float expected = output[1][1].slice(0, 2, 4).slice(1, 4, 6).mean().item<float>();
  EXPECT_EQ(grid[1][6 + 3 + 2].item<float>(), expected);
}

}  // namespace
}  // namespace netdissect
