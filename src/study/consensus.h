#pragma once
// One label from several annotators of a unit, and how sure it is.
//
//   label      the name that most gave, names made one by ObjectNames ("Trees" is tree); of as many
//              votes the one whose annotators' mean precision is higher, then the first by alphabet
//   group      the same of groups
//   precision  images kept / images shown, over all annotators; where the number shown is not known
//              of one, the mean of their precisions

#include <optional>
#include <vector>

#include "base/statistics.h"
#include "netdissect/study/unit_labels.h"

namespace netdissect {

/// By people. Without answers it has neither label nor precision.
UnitLabel Consensus(int unit, std::vector<UnitAnswer> answers);

/// Wilson's 95% interval of the precision, as if every annotator had seen images of their own. For
/// one annotator it says how far the unit's precision may be from that of the images shown; several
/// saw the same images, so for them it is too narrow for that, and says how far the annotators'
/// judgement leaves it open. None where there are no answers, or the number shown is not known.
std::optional<ProportionInterval> PrecisionInterval(const std::vector<UnitAnswer>& answers);

/// Precisions further apart than this are worth a second look.
constexpr double kLargestSpread = 0.2;

/// Where annotators of a unit disagree.
struct Doubt {
  bool label = false;  // no name has more than half of them
  bool group = false;  // no group has
  double spread = 0;   // largest precision less smallest

  bool precision() const { return spread > kLargestSpread; }
  bool any() const { return label || group || precision(); }
};
Doubt DoubtOf(const std::vector<UnitAnswer>& answers);

/// Puts what ground truth says of the same network beside what people say: under `ground_truth` of
/// a unit that people answered, in place of one that nobody did, and as it is where people were not
/// asked. Of `truth` only labels by ground truth count.
void AddGroundTruth(const std::vector<LayerLabels>& truth, std::vector<LayerLabels>& labels);

}  // namespace netdissect
