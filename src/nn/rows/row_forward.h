#pragma once
// Forward passes of whole images by the processor's kernels.
//
// A thread takes a few images through as many layers as it can before it takes the next, so that
// activations stay in its caches: up to a layer that somebody wants to see, or one that has no rows
// and is evaluated in LibTorch's operations for all images at once. An output's sum is taken in the
// same order whatever the batch, the threads and the images beside it: equal images give equal
// outputs to the bit.

#include <map>

#include "netdissect/nn/network.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {

/// Network::Forward for `input` (N, C, H, W) of float32 on the CPU. Outputs are handed out with
/// their channels beside each other in memory (channels last).
void ForwardByRows(const Network& network, const at::Tensor& input, const std::vector<int>& wanted,
                   const Network::OutputVisitor& visit, const RowKernels& kernels = Kernels());

/// What stands on the layers `given`, (N, C, H, W) each, by layer.
void ForwardByRows(const Network& network, const std::map<int, at::Tensor>& given,
                   const std::vector<int>& wanted, const Network::OutputVisitor& visit,
                   const RowKernels& kernels = Kernels());

/// Network::ForwardEach for the same input: what is wanted is handed out by the thread that has
/// computed it, and ends no image's way through the layers.
void ForwardEachByRows(const Network& network, const at::Tensor& input,
                       const std::vector<int>& wanted, const Network::ImageVisitor& visit,
                       const RowKernels& kernels = Kernels());

}  // namespace netdissect
