#pragma once
// A study (JSON): which networks are opened up on which images, and by which experiments.
//
//   {"name": "demo",
//    "title", "about"               what it is, for people
//    "networks": [                  a descriptor or a bundled network's name, or an object:
//      "scene_net",
//      {"network": "x.json", "name", "layers": [...], "classifies": ["world_scenes"]},
//      {"train": {"images": "x.json", "epochs": 5, ...}, "name": "scratch", "layers": [...]}],
//    "images": ["world_scenes", "x.json"],   sets that networks are recorded on
//    "annotated": "world_scenes",            the set whose objects are annotated; may be left out
//    "layers": ["pool1", ..., "pool5"],      of networks that name none; the last is the top layer
//    "limit": 0,                             first N images of each set; 0 = all
//    "labels": [{"network": "scene_net", "published": "labels.csv"}],     people's labels
//    "experiments": {"rf": {"sample": 24}, "localize": false, ...}}
//
// "train" takes the options of that command. "experiments" takes for each command options by their
// long names, false to leave it out, or a list of such objects, each with a "variant" that names
// it. "classifies" says which sets a network tells the labels of, where their names do not. Paths
// are relative to the study's file.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace netdissect {

struct StudyNetwork {
  std::string name;                 // of its folders
  std::string descriptor;           // a file or a bundled network; empty where it is trained
  Json train;                       // options of `train`; null where it is not trained
  std::vector<std::string> layers;  // first to last
  std::optional<std::vector<std::string>> classifies;  // image sets
};

/// Options of a command; of several runs of one command each has a name.
struct StudyVariant {
  std::string name;
  Json options = Json::object();
};

struct StudyLabels {
  std::string network;    // its name
  std::string published;  // table
};

struct Study {
  std::string name, title, about;
  std::vector<StudyNetwork> networks;
  std::vector<std::string> images;
  std::string annotated;  // empty: none
  int limit = 0;
  std::vector<StudyLabels> labels;
  /// Of the commands that the study speaks of; an empty list where one is left out.
  std::map<std::string, std::vector<StudyVariant>> experiments;
};

/// Commands that a study may speak of under "experiments", in the order in which they are run.
const std::vector<std::string>& StudyExperiments();

/// What comes with the program and goes by a name.
struct BundledNames {
  std::vector<std::string> networks, images;
};

/// Error, naming file and key, what was expected and what was found, where a key is not known or of
/// another type, a file is not there, or two networks bear one name. Whether commands know their
/// options, they say themselves.
Study ReadStudy(const Path& file, const BundledNames& bundled);

}  // namespace netdissect
