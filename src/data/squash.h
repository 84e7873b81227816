#pragma once
// The two halves of Preprocess on plain memory, so that a loader can keep squashed images as bytes
// and write each into its place in a batch.

#include <opencv2/core.hpp>

#include "netdissect/data/preprocess.h"

namespace netdissect {

/// (height, width) 8-bit BGR, gray ones too; shares the image's memory where the size already fits.
cv::Mat SquashBytes(const cv::Mat& bgr, const InputFormat& format);

/// Writes (C, height, width) normalised values of a squashed image to `input`.
void NormalizeBytes(const cv::Mat& squashed, const InputFormat& format, float* input);

}  // namespace netdissect
