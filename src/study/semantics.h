#pragma once
// What the units of a layer detect, in numbers (Figures 7 and 8): the mean precision of their
// labels, and how many of them detect what each group of a taxonomy holds. A unit counts for one in
// all: where several annotators said its group, each counts for the unit's equal part, so that
// counts are means over annotators (76.0 units).

#include <optional>
#include <string>
#include <vector>

#include "data/taxonomy.h"
#include "netdissect/study/unit_labels.h"
#include "study/agreement.h"

namespace netdissect {

/// A mean over units, with the standard error that they have as a sample.
struct UnitMean {
  double value = 0;
  double error = 0;  // deviation / sqrt(units); 0 of one unit
  int units = 0;
};

struct LayerSemantics {
  std::string name;
  int units = 0;                      // in all
  int no_label = 0;                   // of them
  std::optional<UnitMean> precision;  // of units with a label; none where no precision is known
  std::vector<double> groups;         // units, in the taxonomy's order
};

/// Error, beginning with `where`, where a label is of a group that the taxonomy lacks. A label by
/// ground truth that bears no group is an object: annotated masks are of objects.
LayerSemantics SemanticsOf(const LayerLabels& layer, const Taxonomy& taxonomy,
                           const std::string& where);

/// Units of each of SemanticLevels().
std::vector<double> LevelsOf(const std::vector<double>& groups, const Taxonomy& taxonomy);

struct NetworkSemantics {
  std::string name;
  std::string digest;
  std::vector<LayerSemantics> layers;
  LabelAgreement agreement;
};

}  // namespace netdissect
