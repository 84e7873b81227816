#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace netdissect {

/// "cpu", "cuda", "cuda:1", or "auto": the first CUDA device where there is one. Error where a CUDA
/// device is asked for that this machine or this LibTorch does not have.
at::Device ParseDevice(const std::string& text);

/// Of the processes of one machine each its own CUDA device, in turns, where there are several and
/// none is named: "cuda:1" of `place` 1.
std::string DeviceOf(const std::string& text, int place);

}  // namespace netdissect
