#pragma once
// Receptive fields by occlusion and by gradient beside each other: those of the other method read
// back from the run folder, and how far both agree.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "netdissect/base/observer.h"
#include "report/field_report.h"
#include "report/run_folder.h"

namespace netdissect {

/// Of one layer: Spearman's rank correlation of sizes over the units that both measured and neither
/// found silent. No value of fewer than two units, or where all sizes of one are equal.
struct FieldAgreement {
  std::string name;  // of the layer
  int units = 0;
  std::optional<double> rank_correlation;
};

/// For each layer that both have, in the order of `a`.
std::vector<FieldAgreement> CompareFields(const NetworkFields& a, const NetworkFields& b);

/// {"method": of `other`, "layers": {NAME: {"units", "rank_correlation"}}}
Json ComparisonJson(const NetworkFields& measured, const NetworkFields& other);

/// Sizes by the other method than `measured` has, of the layers that it has, from the run folder;
/// nothing where there are none. What is there but cannot stand beside them is left out with a
/// warning that says why: of a network with another digest, cut at another threshold, malformed.
std::optional<NetworkFields> ReadOtherFields(const RunFiles& files, const NetworkFields& measured,
                                             const std::string& network_digest, double threshold,
                                             Observer& observer);

}  // namespace netdissect
