#pragma once
// Images of noise, on which receptive fields by gradient are measured as in Luo et al. (2016): what
// is seen of a unit then does not depend on what it detects. Image `i` is a function of the seed
// and of i.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "netdissect/probe/record.h"

namespace netdissect {

/// A set of `count` images that have names ("noise 0") and no files.
ImageSets NoiseImages(int count);

/// (3, H, W): each value uniform over 0..255.
at::Tensor NoisePixels(const InputFormat& format, uint64_t seed, int64_t index);

/// Equal where all images are.
std::string NoiseDigest(uint64_t seed, int64_t count);

/// What the layers' units do on such images, each passed alone. Every unit has all images in its
/// list, highest value first.
RecordResult RecordNoise(const Model& model, const ImageSets& images,
                         const std::vector<std::string>& layers, uint64_t seed, Observer& observer);

}  // namespace netdissect
