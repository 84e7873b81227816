#pragma once
// Images from gradient fields (Perez, Gangnet and Blake 2003), as minimal images are made of them
// (Section 3.1).
//
// An image u of height x width pixels has the gradient field
//
//   gx(y, x) = u(y, x + 1) - u(y, x)  for x < width - 1,
//   gy(y, x) = u(y + 1, x) - u(y, x)  for y < height - 1.
//
// For any field g, integrable or not, Integrate finds the image u of mean 0 that minimises
// |gx(u) - gx|^2 + |gy(u) - gy|^2: the Poisson equation with Neumann boundary. The cosines of the
// type-2 discrete cosine transform diagonalise it, with the eigenvalues
// (2 - 2 cos(pi i / height)) + (2 - 2 cos(pi j / width)), so that the solution is exact up to
// rounding, for any size, odd and prime ones included.
//
// The transforms are products with the matrices of cosines, of all images of a batch at once, in
// double precision: 4 height width (height + width) multiply-adds an image.

#include <ATen/core/Tensor.h>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

struct GradientField {
  at::Tensor x;  // (..., height, width - 1)
  at::Tensor y;  // (..., height - 1, width)
};

/// Of images (..., height, width).
GradientField GradientOf(const at::Tensor& images);

class PoissonSolver {
 public:
  PoissonSolver(int height, int width);

  /// The images of mean 0 of a batch of fields: (..., height, width) in double precision. Error
  /// where the field is of another size.
  at::Tensor Integrate(const GradientField& field) const;

  /// The image split by segments: basis s integrates the image's gradients weighted by mask s, so
  /// that the image is its mean (of each channel) plus the sum of all bases wherever the masks sum
  /// to 1. A gradient lies between two pixels and has the mean of their masks. `image` (C, height,
  /// width), `masks` (S, height, width) float32; bases (S, C, height, width) float32, on the CPU.
  at::Tensor Bases(const at::Tensor& image, const at::Tensor& masks) const;

  int height() const { return height_; }
  int width() const { return width_; }

 private:
  int height_, width_;
  at::Tensor cosines_y_, cosines_x_;  // (frequency, pixel), orthonormal rows
  at::Tensor inverse_;                // (width, height): 1 / eigenvalue, 0 for the mean
};

}  // namespace netdissect
