#pragma once
// A step of a study: one command of the program with all that it reads, as words of a command line.

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "netdissect/base/file.h"

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
  /// The values of a long option among `options`.
  std::vector<std::string> Values(const std::string& option) const;
  /// The last of them; `otherwise` where it is not given.
  std::string Option(const std::string& option, const std::string& otherwise = "") const;
};

/// The steps that are named, by "COMMAND", "NETWORK" or a step's own name, and those they need.
/// Error, with the closest one, where there is no such.
std::vector<StudyStep> ChosenSteps(const std::vector<StudyStep>& steps,
                                   const std::vector<std::string>& names);

/// A value as a word of a command line.
std::string WordOf(const Json& value);

/// Options as words: {"sample": 24, "layer": ["pool1", "pool5"]} is --sample=24 --layer=pool1
/// --layer=pool5.
std::vector<std::string> OptionWords(const Json& options);

}  // namespace netdissect
