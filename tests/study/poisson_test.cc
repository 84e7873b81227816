#include "netdissect/study/poisson.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/scratch.h"

namespace netdissect {
namespace {

constexpr std::pair<int, int> kSizes[] = {{1, 1}, {1, 7}, {6, 1}, {2, 2},
                                          {5, 8}, {8, 5}, {7, 7}, {11, 13}};

// The matrix that takes an image's pixels to its differences, x first, written down pixel by pixel.
at::Tensor DifferenceMatrix(int height, int width) {
  std::vector<at::Tensor> rows;
  const auto add = [&](int from, int to) {
    at::Tensor row = at::zeros({height * width}, at::kDouble);
    row[to] += 1;
    row[from] -= 1;
    rows.push_back(row);
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x + 1 < width; ++x) add(y * width + x, y * width + x + 1);
  }
  for (int y = 0; y + 1 < height; ++y) {
    for (int x = 0; x < width; ++x) add(y * width + x, (y + 1) * width + x);
  }
  return rows.empty() ? at::zeros({1, height * width}, at::kDouble) : at::stack(rows);
}

TEST(Poisson, GradientsAreDifferences) {
  const at::Tensor image = at::tensor({1., 4., 9., 2., 3., 7.}).view({2, 3});
  const GradientField gradient = GradientOf(image);
  EXPECT_TRUE(gradient.x.equal(at::tensor({3., 5., 1., 4.}).view({2, 2})));
  EXPECT_TRUE(gradient.y.equal(at::tensor({1., -1., -2.}).view({1, 3})));
}

// Fields that no image has: the solution is that of least squares, by a dense pseudo-inverse.
TEST(Poisson, SolvesAsDenseLeastSquaresDoes) {
  at::manual_seed(3);
  for (const auto& [height, width] : kSizes) {
    const GradientField field = {at::randn({2, height, width - 1}, at::kDouble),
                                 at::randn({2, height - 1, width}, at::kDouble)};
    const at::Tensor image = PoissonSolver(height, width).Integrate(field);
    ASSERT_EQ(image.sizes(), at::IntArrayRef({2, height, width}));
    const at::Tensor inverse = at::linalg_pinv(DifferenceMatrix(height, width), 1e-12);
    for (int n = 0; n < 2; ++n) {
      at::Tensor flat = at::cat({field.x[n].flatten(), field.y[n].flatten()});
      if (flat.numel() == 0) flat = at::zeros({1}, at::kDouble);
      const at::Tensor expected = at::matmul(inverse, flat).view({height, width});
      EXPECT_LT((image[n] - expected).abs().max().item<double>(), 1e-10)
          << height << " x " << width;
    }
  }
}

TEST(Poisson, RestoresAnImageButForItsMean) {
  at::manual_seed(4);
  for (const auto& [height, width] : kSizes) {
    const at::Tensor image = 255 * at::rand({3, height, width}, at::kDouble);
    const at::Tensor restored = PoissonSolver(height, width).Integrate(GradientOf(image));
    EXPECT_LT((restored - image + image.mean({1, 2}, true)).abs().max().item<double>(), 1e-9)
        << height << " x " << width;
  }
}

TEST(Poisson, BasesAndTheMeanAreTheImage) {
  at::manual_seed(5);
  const int height = 37, width = 50;
  for (int segments : {1, 5, 16, 17, 40}) {
    const at::Tensor image = 255 * at::rand({3, height, width});
    const at::Tensor masks = at::softmax(3 * at::randn({segments, height, width}), 0);
    const at::Tensor bases = PoissonSolver(height, width).Bases(image, masks);
    ASSERT_EQ(bases.sizes(), at::IntArrayRef({segments, 3, height, width}));
    const at::Tensor sum = bases.sum(0) + image.mean({1, 2}, true);
    EXPECT_LT((sum - image).abs().max().item<float>(), 1e-4 * 255) << segments;
    EXPECT_LT(bases.mean({2, 3}).abs().max().item<float>(), 1e-4) << "mean of a basis";
  }
}

// One by one and all at once, the first with masks of whole pixels.
TEST(Poisson, ABasisIsTheIntegralOfItsPartOfTheGradients) {
  at::manual_seed(6);
  const int height = 9, width = 12;
  const at::Tensor image = 255 * at::rand({3, height, width});
  at::Tensor masks = at::zeros({2, height, width});
  masks[0].narrow(1, 0, 5).fill_(1);
  masks[1].narrow(1, 5, 7).fill_(1);
  const PoissonSolver solver(height, width);
  const at::Tensor bases = solver.Bases(image, masks);
  GradientField left = GradientOf(image.to(at::kDouble));
  left.x.narrow(2, 4, 1).mul_(0.5);  // between the segments: half to each
  left.x.narrow(2, 5, 6).zero_();
  left.y.narrow(2, 5, 7).zero_();
  EXPECT_LT((bases[0] - solver.Integrate(left)).abs().max().item<double>(), 1e-4);
}

TEST(Poisson, RefusesWhatDoesNotFit) {
  const PoissonSolver solver(4, 5);
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       solver.Integrate(GradientOf(at::zeros({5, 4})));
                     }),
                     {"4 x 5", "5 x 3"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] {
                       solver.Bases(at::zeros({3, 4, 5}), at::zeros({2, 4, 4}));
                     }),
                     {"3 x 4 x 5", "2 x 4 x 4"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { PoissonSolver(0, 5); }), {"0 x 5"}));
}

}  // namespace
}  // namespace netdissect
