#pragma once
// A labelled set that a small network learns at once: every class has a colour and a stripe.

#include <opencv2/imgproc.hpp>

#include "base/scratch.h"
#include "data/pictures.h"
#include "netdissect/data/dataset.h"
#include "nn/alexnet.h"
#include "train/train.h"

namespace netdissect {

/// `count` pictures of `classes` classes, in turn; no two are the same.
inline Dataset StripedSet(const ScratchFolder& folder, int count, int classes,
                          const std::string& name = "stripes") {
  const cv::Scalar colors[] = {{220, 40, 40}, {40, 220, 40}, {40, 40, 220}, {200, 200, 60}};
  Dataset set;
  set.name = name;
  for (int i = 0; i < classes; ++i) set.labels.push_back("class_" + std::to_string(i));
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;
    cv::Mat picture = Gradient(40, 48, 17 * i) / 4;
    cv::rectangle(picture, cv::Rect(4 + 2 * (i % 7), 5 + 9 * label, 26, 8), colors[label % 4],
                  cv::FILLED);
    const std::string file = name + std::to_string(i) + ".png";
    set.images.push_back({folder.File(file, Encoded(picture, ".png")), file, label});
  }
  return set;
}

/// A network of the geometry of Table 1, as small as it gets.
inline AlexNetOptions TinyArchitecture() {
  AlexNetOptions architecture;
  architecture.width = 0.04;
  architecture.fc = 16;
  architecture.norm = false;
  return architecture;
}

inline Network TinyNetwork() { return BuildAlexNet(TinyArchitecture()); }

inline InputFormat TrainingFormat() {
  InputFormat format;
  format.mean = {104, 117, 123};
  format.scale = {0.0171f, 0.0171f, 0.0171f};
  return format;
}

/// Quick, with everything that is random.
inline TrainOptions QuickTraining() {
  TrainOptions options;
  options.epochs = 3;
  options.batch = 6;
  options.shard = 2;
  options.rate = 0.02;
  options.label_smoothing = 0.1;
  options.seed = 5;
  return options;
}

/// Whether all tensors are equal, bit by bit.
inline testing::AssertionResult SameWeights(const SafeTensors& a, const SafeTensors& b) {
  if (a.tensors.size() != b.tensors.size()) return testing::AssertionFailure() << "other tensors";
  for (const auto& [name, tensor] : a.tensors) {
    const auto other = b.tensors.find(name);
    if (other == b.tensors.end() || !tensor.equal(other->second)) {
      return testing::AssertionFailure() << name << " differs";
    }
  }
  return testing::AssertionSuccess();
}

}  // namespace netdissect
