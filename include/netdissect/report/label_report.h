#pragma once
// annotation.json: what units detect, whoever said so, and views of it.

#include <opencv2/core.hpp>
#include <vector>

#include "netdissect/base/json.h"
#include "netdissect/report/table.h"
#include "netdissect/study/unit_labels.h"

namespace netdissect {

/// "layers" of annotation.json: {NAME: {"units": [{unit, label, precision, group, iou, annotators,
/// ...}]}}; what is not known is null. Labels by ground truth also have "threshold" and "best":
/// [{object, iou}].
Json ToJson(const std::vector<LayerLabels>& layers);

/// The labels of an annotation.json of the network with this digest. Error where the file is
/// missing, malformed or of another network.
std::vector<LayerLabels> ReadUnitLabels(const Path& file, const std::string& network_digest);

/// Of a layer labelled by ground truth: how many units have a label at `min_iou`, and how many
/// different ones.
struct LabelCount {
  int units = 0;
  int objects = 0;
};
LabelCount CountLabels(const LayerLabels& layer, double min_iou);

}  // namespace netdissect
