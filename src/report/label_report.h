#pragma once
// annotation.json: what units detect, whoever said so, and views of it.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/taxonomy.h"
#include "netdissect/study/unit_labels.h"
#include "report/drawing.h"
#include "report/table.h"

namespace netdissect {

/// "layers" of annotation.json: {NAME: {"units": [{unit, label, precision, group, iou, annotators,
/// source ("ground truth", "people", "published"), ...}]}}; what is not known is null. Labels by
/// ground truth also have "threshold" and "best": [{object, iou}]. Those by people have "interval"
/// of the precision, "second_look" (whether they disagree), "answers": [{annotator, label, group,
/// precision, shown, crossed}], and where ground truth is merged in, "ground_truth": such a unit.
Json ToJson(const std::vector<LayerLabels>& layers);

/// A whole annotation.json. The digest is empty where a published table alone names the network.
struct LabelFile {
  std::string network;
  std::string digest;
  std::optional<Taxonomy> taxonomy;  // of its groups, where people chose from one
  std::vector<LayerLabels> layers;
};

/// Error where the file is missing or malformed.
LabelFile ReadLabelFile(const Path& file);

/// The labels of an annotation.json of the network with this digest. Error where the file is
/// missing, malformed or of another network.
std::vector<LayerLabels> ReadUnitLabels(const Path& file, const std::string& network_digest);

/// What labelling by ground truth found: annotated images, objects[]: {name, images, pixels},
/// layers. `options` gives the bounds that are said beside.
Json ToJson(const UnitLabelsResult& result, const LabelOptions& options);

/// Of a layer labelled by ground truth: how many units fit their best object at `min_iou`, and how
/// many different ones these are.
struct LabelCount {
  int units = 0;
  int objects = 0;
};
LabelCount CountLabels(const LayerLabels& layer, double min_iou);

/// A row for every layer of a network: units, and those of CountLabels at 0.04 and 0.15.
struct NetworkLabels {
  std::string network;
  std::vector<LayerLabels> layers;
};
Table LabelCountTable(const std::vector<NetworkLabels>& networks);

/// The units of all layers by falling intersection over union, at most `count` (0 = all).
Table BestUnitTable(const std::vector<LayerLabels>& layers, size_t count);

/// How many units of a layer bear each object's name, beside how well units fit their best object.
Drawing DrawLabels(const std::string& network, const LayerLabels& layer);

}  // namespace netdissect
