#pragma once
// Files of labels (annotation.json) of several networks, as experiments are given them.

#include <string>
#include <vector>

#include "report/label_report.h"
#include "report/run_folder.h"

namespace netdissect {

/// A file's labels, with what it says of itself.
struct NamedLabels {
  Path file;
  LabelFile labels;
  Provenance provenance;
};

/// Of each place, an annotation.json or a folder that holds one or whose folders do. Networks of
/// one name are told apart by their files. Error where a place has none, or none has one of the
/// `layers`.
std::vector<NamedLabels> ReadAllLabels(const std::vector<std::string>& places,
                                       const std::vector<std::string>& layers);

/// Of the layers named those that are there; of none named, all.
std::vector<LayerLabels> ChosenLayers(const std::vector<LayerLabels>& labels,
                                      const std::vector<std::string>& layers);

/// Of the labels read from `file`, those of the layers named, in that order; of all where none is.
/// Error where a layer has none.
std::vector<LayerLabels> LabelsOfLayers(const std::vector<LayerLabels>& labels,
                                        const std::vector<std::string>& layers, const Path& file);

}  // namespace netdissect
