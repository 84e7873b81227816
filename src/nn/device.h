#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace netdissect {

/// "cpu", "cuda", "cuda:1", or "auto": the first CUDA device where there is one. Error where a CUDA
/// device is asked for that this machine or this LibTorch does not have.
at::Device ParseDevice(const std::string& text);

/// Whether CUDA devices may round the factors of products to TF32 (10 bits of mantissa), in this
/// process: LibTorch has convolutions do so unless it is told.
void AllowTf32(bool allow);

/// Of the processes of one machine each its own CUDA device, in turns, where there are several and
/// none is named: "cuda:1" of `place` 1.
std::string DeviceOf(const std::string& text, int place);

}  // namespace netdissect
