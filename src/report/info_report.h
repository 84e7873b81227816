#pragma once

#include "base/json.h"
#include "nn/summary.h"
#include "report/table.h"

namespace netdissect {

/// "layers" of info.json. A receptive field that differs along the axes is said as [y, x].
Json ToJson(const std::vector<LayerSummary>& layers);

/// "unread" of info.json: what was not read of the network's file.
Json ToJson(const std::vector<UnreadPart>& unread);

/// Table 1, and the first row of Table 2, for any network.
Table ToTable(const std::vector<LayerSummary>& layers);

/// {"size", "stride", "offset"}
Json ToJson(const ReceptiveField& field);

}  // namespace netdissect
