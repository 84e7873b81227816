#pragma once
// Inner products of a batch by the row kernels. LibTorch's matrix product rounds a row differently
// with other rows beside it, and with other numbers of threads; here a row's result is its own.

#include <ATen/core/Tensor.h>

namespace netdissect {

/// Whether DenseProduct takes them: float32 on a CPU, and no gradient asked for.
bool TakesDenseProduct(const at::Tensor& x, const at::Tensor& weight);

/// (N, units): x (N, depth) times the transposed weights (units, depth), plus the bias (units)
/// where there is one. The same for a row, to the bit, whatever the batch and the number of
/// threads.
at::Tensor DenseProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace netdissect
