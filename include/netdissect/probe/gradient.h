#pragma once
// Effective receptive fields by gradient (W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding
// the Effective Receptive Field in Deep Convolutional Neural Networks", NIPS 2016): how much the
// activation of a unit at one fixed position p follows each pixel of the image I (3, H, W),
//
//   g(y, x) = mean over channels c of |d a_u(p) / d I_c(y, x)|.
//
// The gradient is with respect to the preprocessed image, the network's input; with respect to raw
// pixels each channel's is larger by its constant `scale`.
//
// It is an engine of occlusion (probe/occlusion.h) with one occluder for each pixel, whose change
// is -g: gradients are aligned, averaged and measured as discrepancies are
// (probe/receptive_field.h), and either kind of discrepancy is g.

#include <memory>

#include "netdissect/base/public.h"
#include "netdissect/nn/network.h"
#include "netdissect/probe/occlusion.h"

namespace netdissect NETDISSECT_PUBLIC {

/// The occluders of such an engine: one for each pixel. What they show is never looked at.
OcclusionOptions EachPixel();

/// By backpropagation: one forward pass for an image, whose activations are kept while its units
/// are asked for, and a backward pass for each of these. Works in inference mode and outside of it.
/// `network` and `occluders` must outlive the engine. Error where the occluders are not
/// EachPixel()'s, where the network's weights were made in inference mode, and, when it is asked
/// for a unit, where that does not depend on the input or where its gradient is not finite.
std::unique_ptr<OcclusionEngine> MakeGradientEngine(const Network& network,
                                                    const OccluderSet& occluders);

}  // namespace netdissect
