#pragma once
// Top-1 and top-5 accuracy of a network on an image set, or the classes of given images (Section
// 2).

#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"

namespace netdissect NETDISSECT_PUBLIC {

struct ClassifyOptions {
  int top = 5;  // classes reported for each image
  PassOptions pass;
  std::string layer;  // whose units are the classes; the network's class scores where empty

  /// Error where an option is out of range.
  void Validate() const;
};

struct RankedClass {
  int index = 0;
  float score = 0;  // the layer's output: a probability where it is a softmax
};

struct Prediction {
  int64_t image = 0;                // index into the set's images
  int target = -1;                  // the class of its label, or -1
  std::vector<RankedClass> ranked;  // highest first; equals in the order of the classes
};

struct ClassifyResult {
  std::vector<Prediction> predictions;  // of the images read, in the order of the list
  std::vector<SkippedImage> skipped;
  int64_t counted = 0;   // images whose label is one of the network's classes
  int64_t left_out = 0;  // images read whose label has no class
  double top1 = 0;       // fraction of `counted`; NaN where it is 0
  double top5 = 0;
};

/// Error where the layer has positions, or the network has no class scores.
ClassifyResult Classify(const Model& model, const Dataset& set, const ClassifyOptions& options = {},
                        Observer& observer = Silent());

/// The `top` highest of the scores. Error where one is not a number.
std::vector<RankedClass> RankClasses(const float* scores, int units, int top);

/// The layer of class scores; the Error where there is none names the network.
int ScoreLayerOf(const Model& model);

/// Whether the class scores are a softmax's: from 0 to 1, with the sum 1.
bool ScoresAreProbabilities(const Network& network);

/// The class that `text` means: an index, or a name compared as labels are (data/label_match.h).
int FindClass(const Model& model, const std::string& text);

}  // namespace netdissect
