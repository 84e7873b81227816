#pragma once
// Figure 9a: a network's units grouped by the object that they detect, a row each.

#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/nn/model.h"
#include "netdissect/nn/pass.h"
#include "netdissect/probe/record.h"
#include "netdissect/study/unit_labels.h"
#include "study/emergence.h"

namespace netdissect {

/// The objects that most units detect, at most `objects`; of each the units that detect it best, at
/// most three, by intersection over union or else precision. `labels` are of the layers of
/// `record`, normalised. Empty where no unit detects any.
cv::Mat DrawEmergenceSheet(const Model& model, const RecordResult& record,
                           const std::vector<LayerLabels>& labels, const EmergenceResult& result,
                           const NetworkEmergence& network, int objects, const PassOptions& pass,
                           Observer& observer);

}  // namespace netdissect
