#pragma once
// Activations with the channels of a position beside each other, as row kernels hand them out
// (channels last), turned into maps: the positions of a channel beside each other.

#include <ATen/core/Tensor.h>

namespace netdissect {

/// out[c][p] = rows[p * apart + c] for `channels` channels at `positions` positions.
void CopyPlanar(const float* rows, int64_t positions, int64_t apart, int64_t channels, float* out);

/// (N, C, H, W), contiguous, float32 on the CPU; the tensor itself where it is so already. On all
/// threads.
at::Tensor Planar(const at::Tensor& activations);

/// Whether `activations` (N, C, H, W) are float32 on the CPU with all channels of a position beside
/// each other, position after position; false where they are maps all the same.
bool IsChannelsLast(const at::Tensor& activations);

}  // namespace netdissect
