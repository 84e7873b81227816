#pragma once
// How mean sizes of receptive fields depend on the threshold and on the number of top images, both
// of which the paper leaves open.

#include <vector>

#include "base/json.h"
#include "report/drawing.h"
#include "report/field_report.h"
#include "report/table.h"

namespace netdissect {

/// {"thresholds": [], "k": [], "mean": [threshold][k]}, pixels.
Json SensitivityJson(const LayerFields& layer, int k);

/// A row for each network, layer and threshold, a column for each number of top images.
Table SensitivityTable(const std::vector<NetworkFields>& networks, int k);

/// For each network and layer mean size over the threshold, a curve for each number of top images;
/// the threshold that was used is marked.
Drawing DrawSensitivity(const std::vector<NetworkFields>& networks, const FieldOptions& options);

}  // namespace netdissect
