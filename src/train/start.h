#pragma once
// What a training from scratch starts from: a network's graph with as many classes as are to be
// learnt, and random weights.

#include <cstdint>

#include "netdissect/nn/network.h"

namespace netdissect {

struct StartOptions {
  int classes = 2;
  bool batch_norm = true;  // gives what is normalised a bias, which the folded shift becomes
  uint64_t seed = 0;
};

/// Where a network says the class of an image.
struct ClassScores {
  int layer = 0;       // whose output is the scores: what a softmax at the end takes
  int classifier = 0;  // convolution or inner product whose units become the scores' units
  bool linear = true;  // the scores are linear in the classifier's output
};

/// Error, naming the layer, where the scores do not come from a classifier's units one by one, or
/// are not one number for each.
ClassScores FindClassScores(const Network& network);

/// Whether batch normalisation has a part in training this layer: every convolution is normalised
/// but the classifier, and one whose output is only scaled and shifted; there the layer that does
/// so is, since such layers are normalisations that were folded for inference.
bool IsNormalised(const Network& network, int layer);

/// A scale and shift of the network's input: preprocessing, which is not trained.
bool IsPreprocessing(const Network& network, int layer);

/// The layers of `graph` that its class scores need. Weights are Gaussian, sqrt(2 / fan-in), biases
/// 0, but the classifier's are all 0 where scores are linear in it: all classes are equally likely.
Network StartOf(const Network& graph, const StartOptions& options);

}  // namespace netdissect
