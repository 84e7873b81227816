#pragma once
// What units detect, from ground truth (Section 3.3; Network Dissection, Bau et al. 2017). For unit
// u, object name c and the annotated images I of the data set:
//
//   T_u     the activation that u exceeds at 0.5% of all positions of all recorded images
//   M_u(I)  the pixels at which u's map, scaled to the annotated image (probe/unit_map.h), is above
//           T_u
//   L_c(I)  the pixels at which an object of that name is seen (nearest on top)
//
//   IoU(u, c) = sum_I |M_u(I) and L_c(I)| / sum_I |M_u(I) or L_c(I)|
//
// u's label is the c with the largest IoU (of equals the first by name), where that reaches
// `min_iou`. Precision is the share of u's `top` images with the highest activation, of those that
// are annotated and have a pixel in M_u, in which M_u and L_label share a pixel.
//
// Annotations are never complete: what nobody outlined counts as not there, so IoU and precision
// are lower bounds. Values are comparable between networks on the same annotated set, not between
// sets.

#include <optional>
#include <string>
#include <vector>

#include "netdissect/base/observer.h"
#include "netdissect/base/public.h"
#include "netdissect/nn/model.h"
#include "netdissect/probe/record.h"

namespace netdissect NETDISSECT_PUBLIC {

/// An object's name and how well a unit's maps fit its masks.
struct ObjectMatch {
  std::string object;
  double iou = 0;
};

/// Who said what a unit detects: annotated masks, people on a page of this program, or people whose
/// answers were published as a table.
enum class LabelSource { kGroundTruth, kPeople, kPublished };

/// What one annotator says of a unit.
struct UnitAnswer {
  std::string annotator;
  std::string label;     // as it was typed
  std::string group;     // of the taxonomy that was chosen from
  double precision = 0;  // share of the images shown that were kept, planted negatives left out
  int shown = 0;         // their number; 0 = not known
  std::optional<std::vector<int>> crossed;  // those that were not, rising; where it is known
};

/// What one unit detects, as people or the ground truth say.
struct UnitLabel {
  int unit = 0;
  std::string label;                // "" where it has none
  std::optional<double> precision;  // share of top images that show it, in [0, 1]
  std::string group;                // simple element, color, material, shape, object or scene
  std::optional<double> iou;        // with the label, or with the best object; by ground truth only
  int annotators = 0;               // people who said so
  double threshold = 0;             // T_u; by ground truth only
  std::vector<ObjectMatch> best;    // the best objects, best first; by ground truth only
  LabelSource source = LabelSource::kGroundTruth;
  std::vector<UnitAnswer> answers;  // one of each annotator; by people only
  std::vector<UnitLabel>
      ground_truth;  // what it says beside people, whose label goes first: 0 or 1
};

struct LayerLabels {
  std::string name;
  std::vector<UnitLabel> units;
};

struct LabelOptions {
  double min_iou = 0.04;  // below it a unit has no label (Network Dissection)
  int min_images = 10;    // that show an object at least; rarer ones are no labels
  int top = 60;           // images that precision is taken from (Section 3.3)
  int matches = 3;        // best objects reported for a unit
  PassOptions pass;       // strict: an unreadable annotation is an Error too

  /// Error where an option is out of range.
  void Validate() const;
};

/// An object's name over the annotated set.
struct ObjectCount {
  std::string name;
  int64_t images = 0;  // that show it
  int64_t pixels = 0;  // at which it is seen
};

struct UnitLabelsResult {
  std::vector<LayerLabels> layers;
  std::vector<ObjectCount> objects;  // by name; those on fewer than `min_images` included
  int64_t annotated = 0;             // images read with their annotation
  int64_t unannotated = 0;           // images without annotation
  int64_t out_of_view = 0;           // annotated objects that the network's input leaves out
  std::vector<SkippedImage> skipped;
  double seconds = 0;  // wall time of the pass
};

/// One pass over `images`, whose sets all have annotations, for all layers of `record`, whose
/// thresholds and top images are of the same. Memory does not depend on the number of images.
UnitLabelsResult LabelUnits(const Model& model, const ImageSets& images, const RecordResult& record,
                            const LabelOptions& options = {}, Observer& observer = Silent());

}  // namespace netdissect
