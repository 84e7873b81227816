#pragma once
// What libpng, libjpeg and libtiff print of files ("libpng warning: iCCP: known incorrect sRGB
// profile") comes out as the program's own warnings, which name the file.

namespace netdissect {

/// From now on, of the whole process; where the C library lets `stderr` be replaced (glibc), else
/// nothing is changed. What others print there goes on as it was.
void CatchDecoderRemarks();

/// Says how many remarks there were beyond those that were shown.
void ReportDecoderRemarks();

}  // namespace netdissect
