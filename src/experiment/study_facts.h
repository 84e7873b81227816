#pragma once
// What networks and image sets that a study names say of themselves, before anything is run.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiment/study_file.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// What planning has to know of what a study names.
struct StudyFacts {
  std::map<std::string, std::vector<std::string>> classes;  // of networks, by the study's name
  std::map<std::string, Dataset> sets;                      // by source
};

/// Reads the lists of classes and images. `network_file` and `image_set` say what a name stands
/// for.
StudyFacts LearnFacts(const Study& study,
                      const std::function<std::string(const std::string&)>& network_file,
                      const std::function<Dataset(const std::string&)>& image_set);

/// Whether, by their names, at least half of the set's labels are among the classes.
bool Tells(const std::vector<std::string>& classes, const Dataset& set);

}  // namespace netdissect
