#pragma once
// The paper's Table 1: AlexNet in the Caffe reference model's order (convolution, relu, pool,
// norm), conv2, conv4 and conv5 in two groups, on 3 x 227 x 227 unless another size is given.
//
//   conv1 96 (11x11/4) pool1 norm1, conv2 256 (5x5, pad 2) pool2 norm2, conv3 384, conv4 384,
//   conv5 256 (3x3, pad 1) pool5, fc6 4096, fc7 4096, fc8 classes, prob; pools are 3x3/2.

#include <cstdint>

#include "netdissect/nn/network.h"
#include "nn/safetensors.h"

namespace netdissect {

struct AlexNetOptions {
  double width =
      1.0;     // multiplies all units but the classes', rounded to multiples of 4, in (0, 4]
  int fc = 0;  // units of fc6 and fc7; 0 = 4096 multiplied by `width` like the others
  int classes = 1000;  // of fc8
  int size = 227;      // height and width of the input, pixels
  bool norm = true;    // the two local response normalisations
  uint64_t seed = 0;   // of the random weights: Gaussian, sqrt(2 / fan-in), biases 0
};

/// With random weights.
Network BuildAlexNet(const AlexNetOptions& options = {});

/// With the weights of `tensors` ("conv1.weight", "conv1.bias", ...). Error names a missing,
/// surplus or misshapen tensor, what was expected and what was found. `options.seed` is not used.
Network LoadAlexNet(const AlexNetOptions& options, const SafeTensors& tensors, const Path& file);

}  // namespace netdissect
