#pragma once
// What a study comes to: every experiment as one command of the program, in an order in which each
// finds what it builds on. A step is of one network where it can be, so that what is changed in a
// study makes only that be computed again which depends on it.
//
//   OUT/record/NETWORK, OUT/rf/NETWORK, ...    results of `record`, `rf`, ...
//   OUT/labels/NETWORK                         of `annotate auto`;  OUT/people/NETWORK of `import`
//   OUT/semantics, OUT/emergence               of all networks side by side
//   OUT/COMMAND/VARIANT/...                    where a study runs a command several times

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiment/study_file.h"
#include "netdissect/base/file.h"
#include "netdissect/data/dataset.h"

namespace netdissect {

/// A network that a step reads: of the study, or trained by a step before.
struct StepNetwork {
  std::string name;
  std::string source;  // a descriptor or a bundled network's name; below OUT where `made`
  bool made = false;
};

/// An image set that a step reads.
struct StepImages {
  std::string source;
  int64_t limit = 0;       // its first N images; 0 = all
  bool annotated = false;  // with its annotations
  bool train = false;      // with the list that its descriptor trains on
  std::string option = "images";
};

struct StudyStep {
  std::string name;     // "rf scene_net", "simplify auto scene_net", "semantics"
  std::string command;  // "rf", "annotate auto"
  std::string variant;
  std::vector<StepNetwork> networks;
  std::vector<StepImages> images;
  std::vector<std::string> options;                   // words, without folders, networks and sets
  std::vector<std::pair<std::string, Path>> folders;  // options whose values are below OUT
  std::vector<std::pair<std::string, std::string>> files;  // options whose values are files
  std::vector<std::string> needs;                          // names of earlier steps
  Path folder, result;                                     // below OUT

  /// The words of the command line after the program's name.
  std::vector<std::string> Words(const Path& out) const;
  /// The value of a long option among `options`, its last; `otherwise` where it is not given.
  std::string Option(const std::string& option, const std::string& otherwise = "") const;
};

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

/// The steps in order. A network classifies a set, and minimal images are made of it, where the
/// study says so or else at least half of the set's labels are among its classes.
std::vector<StudyStep> PlanStudy(const Study& study, const StudyFacts& facts);

/// The steps that are named, by "COMMAND", "NETWORK" or a step's own name, and those they need.
/// Error, with the closest one, where there is no such.
std::vector<StudyStep> ChosenSteps(const std::vector<StudyStep>& steps,
                                   const std::vector<std::string>& names);

/// Options as words: {"sample": 24, "layer": ["pool1", "pool5"]} is --sample=24 --layer=pool1
/// --layer=pool5.
std::vector<std::string> OptionWords(const Json& options);

}  // namespace netdissect
