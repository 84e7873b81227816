#pragma once
// Which class of a network each label of a dataset is.

#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// For each of the dataset's labels the index of the network's class, or -1 where there is none.
/// One to one where the two lists are the same; else by name, ignoring case and the difference of
/// space, '_', '-' and '/'; a name that several classes bear goes to the first.
std::vector<int> MatchLabels(const std::vector<std::string>& labels,
                             const std::vector<std::string>& classes);

/// The same from a file of `label class` pairs, -1 = leave out; labels not mentioned are left out.
/// Error where a label or class is out of range.
std::vector<int> ReadLabelMap(const Path& path, size_t labels, size_t classes);

/// The set's images whose label is one of `names`, compared as above. Error where the set has no
/// such label, or no image of any.
Dataset WithLabels(const Dataset& set, const std::vector<std::string>& names);
/// For each of the set's labels the class of a network of `units` classes, named `classes` where
/// they have names: by the set's label map where it has one, by name where both sides have names;
/// else a label is the class's index. -1 = none.
std::vector<int> TargetsOf(const Dataset& set, const std::vector<std::string>& classes, int units);

}  // namespace netdissect
