#pragma once
// How well all annotated objects of an image together tell its scene category, and which of them
// that needs: a linear support vector machine (study/linear_svm.h) on the presence of objects, in
// stratified cross-validation.
//
// An object's importance is how much accuracy on images not learnt from falls when its presence is
// exchanged among them at random (permutation importance, Breiman 2001).

#include <cstdint>
#include <string>
#include <vector>

#include "base/statistics.h"
#include "netdissect/base/observer.h"
#include "study/object_census.h"

namespace netdissect {

struct PresenceOptions {
  int folds = 5;
  double cost = 0.01;    // C of the support vector machines
  int exchanges = 5;     // random exchanges of an object's presence in each fold
  int min_category = 5;  // annotated images; categories with fewer are left out
  uint64_t seed = 0;

  /// Error where an option is out of range.
  void Validate() const;
};

struct ObjectImportance {
  int object = 0;        // index into ObjectCensus::objects
  double drop = 0;       // of accuracy, mean over folds and exchanges
  double deviation = 0;  // of its mean over the folds: standard error
};

struct PresenceModel {
  int64_t images = 0;
  int categories = 0;
  int64_t right = 0;  // images whose category is told, each by the model that did not learn from it
  ProportionInterval interval;
  double chance = 0;         // accuracy of always naming the largest category
  int best_object = -1;      // that tells most by itself, of `objects`
  double best_accuracy = 0;  // of the rule "categories by presence of that object alone"
  std::vector<ObjectImportance> objects;  // most important first
  std::vector<std::string> names;         // of ObjectCensus::objects
};

/// Only objects with `taken[object]` count.
PresenceModel MeasurePresence(const ObjectCensus& census, const std::vector<bool>& taken,
                              const PresenceOptions& options, Observer& observer = Silent());

}  // namespace netdissect
