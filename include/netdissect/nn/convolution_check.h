#pragma once
// LibTorch computes convolutions by oneDNN, of which some versions are wrong for some shapes: with
// LibTorch 2.6 and oneDNN 3.6 (Debian 13), grouped ones of a single input channel a group in
// channels-last memory; their gradients end the program.
#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

/// Whether small convolutions of shapes that went wrong before agree with double precision, which
/// oneDNN has no part in.
bool ConvolutionsAreRight();

/// Has LibTorch do without oneDNN in this process, which is slower, where it is wrong; checked
/// once. Whether it does without.
bool AvoidWrongConvolutions();

/// Error where convolutions are wrong and the process has not asked to avoid that. Checked once,
/// before the first convolution.
void RequireRightConvolutions();

}  // namespace netdissect
