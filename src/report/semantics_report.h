#pragma once
// semantics.json, its tables, and Figures 7 and 8.

#include <string>
#include <vector>

#include "base/json.h"
#include "report/drawing.h"
#include "report/table.h"
#include "study/semantics.h"

namespace netdissect {

/// {"taxonomy", "networks": [{name, digest, layers{NAME}: {units, no_label, precision, interval,
/// groups{GROUP}, levels{low, mid, high}}, agreement}], "agreement"}. Counts are units, as means
/// over annotators; `interval` is the mean precision's, 1.96 standard errors over units each way.
/// `agreement` is of all networks' units.
Json ToJson(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy,
            const LabelAgreement& agreement);

/// A row for each layer: units, mean precision with the half of its interval, units of each level.
Table SemanticsTable(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy);

/// A row for each layer: units of each group.
Table GroupTable(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy);

/// Figure 7: mean precision of each layer with its interval, networks beside each other.
Drawing DrawSemanticPrecision(const std::vector<NetworkSemantics>& networks);

/// Figure 8: the share of each layer's units that is of a group (of a level), a plot for each of
/// them, networks beside each other. Units without a label have a plot where there are any; what no
/// unit is of is named in the heading.
Drawing DrawGroups(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy);
Drawing DrawLevels(const std::vector<NetworkSemantics>& networks, const Taxonomy& taxonomy);

}  // namespace netdissect
