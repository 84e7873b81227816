#include "study/product_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace netdissect {
namespace {

TEST(ProductKernelTest, MultipliesAsALoopDoesByRowsAndByColumns) {
  for (int64_t depth : {0, 1, 7, 128, 301}) {
    std::vector<double> a, panel, start;
    Random random(1, depth);
    for (int64_t i = 0; i < kTileRows * depth; ++i) a.push_back(random.Normal());
    for (int64_t i = 0; i < kPanelColumns * depth; ++i) panel.push_back(random.Normal());
    for (int64_t i = 0; i < kTileRows * kPanelColumns; ++i) start.push_back(random.Normal());
    for (TileProduct product : {PortableTileProduct(), BestTileProduct()}) {
      for (bool transposed : {false, true}) {
        const int64_t row_stride = transposed ? 1 : depth, stride = transposed ? kTileRows : 1;
        std::vector<double> out = start;
        product(a.data(), row_stride, stride, depth, panel.data(), out.data());
        for (int64_t i = 0; i < kTileRows; ++i) {
          for (int64_t c = 0; c < kPanelColumns; ++c) {
            const auto at = static_cast<size_t>(i * kPanelColumns + c);
            double expected = start[at];
            for (int64_t k = 0; k < depth; ++k) {
              expected += a[static_cast<size_t>(i * row_stride + k * stride)] *
                          panel[static_cast<size_t>(k * kPanelColumns + c)];
            }
            ASSERT_NEAR(out[at], expected, 1e-11) << depth << " at " << i << ", " << c;
          }
        }
      }
    }
  }
}

TEST(ProductKernelTest, TermsMayBeGroupedInAnyWay) {
  constexpr int64_t kDepth = 100;
  std::vector<double> a, panel;
  Random random(2);
  for (int64_t i = 0; i < kTileRows * kDepth; ++i) a.push_back(random.Normal());
  for (int64_t i = 0; i < kPanelColumns * kDepth; ++i) panel.push_back(random.Normal());
  const TileProduct product = BestTileProduct();
  std::vector<double> whole(static_cast<size_t>(kTileRows * kPanelColumns)), parts = whole;
  product(a.data(), kDepth, 1, kDepth, panel.data(), whole.data());
  for (int64_t begin = 0; begin < kDepth; begin += 30) {
    product(a.data() + begin, kDepth, 1, std::min<int64_t>(30, kDepth - begin),
            panel.data() + begin * kPanelColumns, parts.data());
  }
  EXPECT_EQ(whole, parts);
}

}  // namespace
}  // namespace netdissect
