#pragma once
// LibTorch computes convolutions by oneDNN, of which some versions are wrong for some shapes: with
// LibTorch 2.6 and oneDNN 3.6 (Debian 13), grouped ones of a single input channel a group in
// channels-last memory; their gradients end the program.

namespace netdissect {

/// Whether small convolutions of shapes that went wrong before agree with double precision, which
/// oneDNN has no part in.
bool ConvolutionsAreRight();

/// Checks once in a process, before its first convolution, and has LibTorch do without oneDNN,
/// which is slower, where it is wrong. Whether it does without.
bool AvoidWrongConvolutions();

}  // namespace netdissect
