#pragma once

#include <optional>

#include "netdissect/nn/network.h"

namespace netdissect {

/// What `wanted` computes from the output of layer `cut`, as a network of its own whose input is
/// that output and whose last layer is `wanted`; weights are shared. Nothing where `wanted` depends
/// on the original input in another way too, or not on `cut` at all.
std::optional<Network> TailAbove(const Network& network, int cut, int wanted);

}  // namespace netdissect
