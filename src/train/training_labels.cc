#include "train/training_labels.h"

#include <algorithm>

#include "base/limits.h"
#include "data/label_match.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

void RequireImagesInEveryClass(const Dataset& train, const TrainingLabels& labels) {
  std::vector<int64_t> images(static_cast<size_t>(labels.count), 0);
  for (const ImageEntry& image : labels.images) ++images[static_cast<size_t>(image.label)];
  for (size_t i = 0; i < images.size(); ++i) {
    if (images[i] > 0) continue;
    Fail("{}: class {}{}: expected at least one training image, found none", train.name, i,
         labels.names.empty() ? "" : " (" + labels.names[i] + ")");
  }
}

}  // namespace

TrainingLabels CollectTrainingLabels(const Dataset& train, const Dataset& held_out,
                                     Observer& observer) {
  TrainingLabels labels;
  labels.names = train.labels;
  labels.count = static_cast<int>(train.labels.size());
  for (const ImageEntry& image : train.images) {
    const int end = labels.names.empty() ? kMostClasses : static_cast<int>(labels.names.size());
    if (image.label >= end) {
      Fail("{}: {}: expected a label of 0 to {}, found {}", train.name, image.name, end - 1,
           image.label);
    }
    if (image.label < 0) {
      ++labels.left_out;
      continue;
    }
    labels.count = std::max(labels.count, image.label + 1);
    labels.images.push_back(image);
  }
  if (labels.images.empty()) {
    Fail("{}: expected training images with labels, found {} without", train.name,
         train.images.size());
  }
  if (labels.count < 2) {
    Fail("{}: expected images of at least 2 classes, found {}", train.name, labels.count);
  }
  RequireImagesInEveryClass(train, labels);
  if (held_out.images.empty()) return labels;
  labels.held_out_targets = TargetsOf(held_out, labels.names, labels.count, observer);
  bool any = false;
  for (const ImageEntry& image : held_out.images) {
    if (image.label < 0) continue;
    if (static_cast<size_t>(image.label) >= labels.held_out_targets.size()) {
      Fail("{}: {}: expected a label of 0 to {}, found {}", held_out.name, image.name,
           labels.held_out_targets.size() - 1, image.label);
    }
    any = any || labels.held_out_targets[static_cast<size_t>(image.label)] >= 0;
  }
  if (!any) {
    Fail("{}: expected held-out images of the {} classes, found none", held_out.name, labels.count);
  }
  return labels;
}

}  // namespace netdissect
