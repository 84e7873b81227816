#pragma once
// Units as segmenters of the objects they are named after (Figure 11). Over all pixels of the
// annotated images, unit u's map scaled to the image (probe/unit_map.h) is a score and "an object
// of u's label is seen here" (nearest on top) the truth. Counted in `levels` equal steps from 0 to
// u's largest activation (below 0 counts as 0); at a threshold t, with TP, FP and FN pixels:
//
//   precision(t) = TP / (TP + FP),   recall(t) = TP / (TP + FN),
//   AP = sum over falling t of (recall(t) - recall(previous t)) * precision(t),
//   Jaccard(t) = TP / (TP + FP + FN).
//
// The best threshold is also looked for on one half of the images, chosen at random, and tried on
// the other: what a threshold is worth that has not seen the answer.
//
// Annotations are never complete: what nobody outlined counts against precision.

#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/nn/model.h"
#include "netdissect/probe/record.h"
#include "netdissect/study/unit_labels.h"

namespace netdissect NETDISSECT_PUBLIC {

struct QualityOptions {
  int levels = 1000;       // steps of activation
  double threshold = 0.4;  // share of the unit's largest activation (as for segmenting)
  uint64_t seed = 0;       // of the halves
  PassOptions pass;        // strict: an unreadable annotation is an Error too

  /// Error where an option is out of range.
  void Validate() const;
};

/// Pixels by level of activation: what all measures are computed from.
class LevelHistogram {
 public:
  explicit LevelHistogram(int levels)
      : object_(static_cast<size_t>(levels)), other_(static_cast<size_t>(levels)) {}

  void Add(int level, bool is_object, int64_t pixels = 1);
  void Merge(const LevelHistogram& other);

  int levels() const { return static_cast<int>(object_.size()); }

  /// All three are NaN where the object is nowhere.
  double AveragePrecision() const;
  double Jaccard(int level) const;  // of the pixels at `level` or above
  double Chance() const;            // share of the object's pixels

  int BestLevel() const;  // of the largest Jaccard index; of equals the highest

  struct Point {
    int level = 0;
    double recall = 0, precision = 0;
  };
  /// At every level that pixels are at, the highest first.
  std::vector<Point> Curve() const;

 private:
  std::vector<int64_t> object_, other_;  // pixels of the object and others
};

struct UnitQuality {
  int unit = 0;
  std::string label;
  double largest = 0;  // activation over the recorded images
  int64_t images = 0;  // that show the object
  double ap = 0;
  double chance = 0;            // share of pixels of the object: the AP of a unit that says nothing
  double jaccard = 0;           // at the chosen threshold
  double best_jaccard = 0;      // at the best threshold of all images
  double best_threshold = 0;    // share of `largest`
  double half_threshold = 0;    // best on the first half of the images
  double half_jaccard = 0;      // there
  double held_out_jaccard = 0;  // at that threshold on the other half
  std::vector<LevelHistogram::Point> curve;
};

struct LayerQuality {
  std::string name;
  std::vector<UnitQuality> units;
};

/// An object and the unit that finds it best.
struct ObjectQuality {
  std::string label;
  std::string layer;
  int unit = 0;
  int units = 0;  // that bear its name, in all layers
  double ap = 0;
  double jaccard = 0;
};

struct UnitQualityResult {
  std::vector<LayerQuality> layers;
  std::vector<ObjectQuality> objects;  // highest AP first
  std::vector<std::string> unknown;    // labels that no annotated object bears; left out
  int64_t annotated = 0;
  int64_t unannotated = 0;
  int64_t out_of_view = 0;  // annotated objects that the network's input leaves out
  std::vector<SkippedImage> skipped;
  double seconds = 0;  // wall time of the pass
};

/// One pass over `images`, whose sets all have annotations. `labels` name the units; those without
/// a label are left out. `record` has the largest activations; its layers include those of
/// `labels`.
UnitQualityResult EvaluateUnits(const Model& model, const ImageSets& images,
                                const RecordResult& record, const std::vector<LayerLabels>& labels,
                                const QualityOptions& options = {}, Observer& observer = Silent());

}  // namespace netdissect
