#pragma once
// Which class of a network each label of a dataset is.

#include <string>
#include <vector>

#include "netdissect/base/file.h"
#include "netdissect/base/observer.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// Which class each of a dataset's labels is.
struct LabelMatch {
  std::vector<int> class_of;           // of each label; -1 = none
  std::vector<std::string> ambiguous;  // labels left out since several labels or classes bear them
};

/// One to one where the two lists are the same; else by name, ignoring case and the difference of
/// space, '_', '-' and '/', in full or else by the first of synonyms that commas separate.
LabelMatch MatchLabels(const std::vector<std::string>& labels,
                       const std::vector<std::string>& classes);

/// The same from a file of `label class` pairs, -1 = leave out; labels not mentioned are left out.
/// Error where a label or class is out of range.
std::vector<int> ReadLabelMap(const Path& path, size_t labels, size_t classes);

/// The set's images whose label is one of `names`, compared as above. Error where the set has no
/// such label, or no image of any.
Dataset WithLabels(const Dataset& set, const std::vector<std::string>& names);

/// For each of the set's labels the class of a network of `units` classes, named `classes` where
/// they have names: by the set's label map where it has one, by name where both sides have names;
/// else a label is the class's index. -1 = none. Warns of names that are ambiguous, or where none
/// is found.
std::vector<int> TargetsOf(const Dataset& set, const std::vector<std::string>& classes, int units,
                           Observer& observer = Silent());

}  // namespace netdissect
