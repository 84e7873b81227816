#include "netdissect/study/poisson.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Row i is the cosine of frequency i at the pixels' centres, of norm 1.
at::Tensor Cosines(int size) {
  const at::Tensor frequency = at::arange(size, at::kDouble).view({-1, 1});
  const at::Tensor centre = at::arange(size, at::kDouble) + 0.5;
  at::Tensor cosines = at::cos(frequency * centre * (M_PI / size)) * std::sqrt(2.0 / size);
  cosines[0].fill_(std::sqrt(1.0 / size));
  return cosines;
}

at::Tensor Eigenvalues(int size) {
  return 2 - 2 * at::cos(at::arange(size, at::kDouble) * (M_PI / size));
}

// The transpose of the gradient: where each pixel stands in the differences.
at::Tensor Divergence(const GradientField& field) {
  const at::Tensor x = field.x.to(at::kDouble), y = field.y.to(at::kDouble);
  at::Tensor divergence = at::constant_pad_nd(x, {1, 0}) - at::constant_pad_nd(x, {0, 1});
  divergence += at::constant_pad_nd(y, {0, 0, 1, 0});
  divergence -= at::constant_pad_nd(y, {0, 0, 0, 1});
  return divergence;
}

at::Tensor Transposed(const at::Tensor& images) { return images.transpose(-1, -2).contiguous(); }

}  // namespace

GradientField GradientOf(const at::Tensor& images) {
  const int64_t height = images.size(-2), width = images.size(-1);
  return {images.narrow(-1, 1, width - 1) - images.narrow(-1, 0, width - 1),
          images.narrow(-2, 1, height - 1) - images.narrow(-2, 0, height - 1)};
}

PoissonSolver::PoissonSolver(int height, int width) : height_(height), width_(width) {
  if (height < 1 || width < 1) {
    Fail("Poisson solver: expected a size of at least 1 x 1, found {} x {}", height, width);
  }
  cosines_y_ = Cosines(height);
  cosines_x_ = Cosines(width);
  const at::Tensor eigenvalues =
      Eigenvalues(width).view({-1, 1}) + Eigenvalues(height).view({1, -1});
  inverse_ = 1 / eigenvalues;
  inverse_[0][0].fill_(0);
}

at::Tensor PoissonSolver::Integrate(const GradientField& field) const {
  if (field.x.size(-2) != height_ || field.x.size(-1) != width_ - 1 ||
      field.y.size(-2) != height_ - 1 || field.y.size(-1) != width_) {
    Fail("Poisson solver of {} x {}: found a field of {} and {}", height_, width_,
         fmt::join(field.x.sizes(), " x "), fmt::join(field.y.sizes(), " x "));
  }
  // Rows of all images make one matrix product, so columns are transformed as rows of the
  // transpose.
  at::Tensor spectrum = at::matmul(Divergence(field), cosines_x_.t());
  spectrum = at::matmul(Transposed(spectrum), cosines_y_.t());
  spectrum *= inverse_;
  const at::Tensor columns = Transposed(at::matmul(spectrum, cosines_y_));
  return at::matmul(columns, cosines_x_);
}

at::Tensor PoissonSolver::Bases(const at::Tensor& image, const at::Tensor& masks) const {
  if (image.dim() != 3 || masks.dim() != 3 || masks.sizes().slice(1) != image.sizes().slice(1)) {
    Fail("expected an image (C, H, W) and masks (S, H, W) of its size, found {} and {}",
         fmt::join(image.sizes(), " x "), fmt::join(masks.sizes(), " x "));
  }
  // Bounds the memory that a batch takes in double precision.
  constexpr int64_t kSegmentsAtOnce = 16;
  const GradientField gradient = GradientOf(image.to(at::kCPU, at::kDouble));
  const int64_t segments = masks.size(0);
  at::Tensor bases = at::empty({segments, image.size(0), height_, width_}, at::kFloat);
  for (int64_t first = 0; first < segments; first += kSegmentsAtOnce) {
    const int64_t count = std::min(kSegmentsAtOnce, segments - first);
    const at::Tensor mask =
        masks.narrow(0, first, count).to(at::kCPU, at::kDouble).unsqueeze(1);  // (S, 1, H, W)
    const at::Tensor between_x = mask.narrow(-1, 1, width_ - 1) + mask.narrow(-1, 0, width_ - 1);
    const at::Tensor between_y = mask.narrow(-2, 1, height_ - 1) + mask.narrow(-2, 0, height_ - 1);
    bases.narrow(0, first, count)
        .copy_(Integrate({gradient.x * between_x * 0.5, gradient.y * between_y * 0.5}));
  }
  return bases;
}

}  // namespace netdissect
