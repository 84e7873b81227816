#pragma once
// Weights to start training from.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace netdissect {

/// Gaussian of variance 2 / fan-in (He et al., "Delving Deep into Rectifiers", 2015, Section 2.2),
/// float32, where a unit's fan-in is the product of all dimensions after the first. The values are
/// those of tensor `number` of `seed`.
at::Tensor RandomWeight(at::IntArrayRef shape, uint64_t seed, uint64_t number);

}  // namespace netdissect
