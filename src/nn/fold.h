#pragma once

#include "netdissect/nn/network.h"

namespace netdissect {

/// The same network with every Affine layer that alone uses a convolution's or inner product's
/// output, which is none of the network's own outputs, folded into its weights: W' = scale * W, b'
/// = scale * b + shift. The folded layer keeps the Affine's names; names of the output before it
/// are marked as folded.
Network FoldAffine(const Network& network);

}  // namespace netdissect
