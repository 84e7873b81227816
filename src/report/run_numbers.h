#pragma once
// The numbers of two run folders side by side. Results are matched by their kind, the network's
// name and the names of their image sets, and where a run has several of those by their place in
// it; units by layer and index; images by name.

#include <string>
#include <vector>

#include "report/result_numbers.h"

namespace netdissect {

struct RunNumber {
  std::string where;   // "rf scene_net pool5"; and its place, where a run has several of those
  std::string name;    // "mean size"
  std::string items;   // "units" or "images" that the number is of, in both runs; else ""
  std::string images;  // names of the image sets
  std::string place;   // folder of the result in the later run
  TwoValues values;
};

/// What one of the runs has alone.
struct OneSided {
  std::string where;  // "rf scene_net pool5"
  std::string what;   // "units", "images", "layers" or "results"
  int64_t before = 0, after = 0;
};

/// Two results that were matched.
struct MatchedResult {
  std::string where;  // "rf scene_net"
  Path before, after;
  /// What they do not have in common: "the network's weights", "--stride 9 and 3".
  std::vector<std::string> made_differently;
};

struct RunNumbers {
  std::vector<RunNumber> numbers;
  std::vector<MatchedResult> matched;
  std::vector<OneSided> one_sided;
  std::vector<std::string> left_out;    // numbers that cannot be compared, each with why
  std::vector<std::string> unreadable;  // files that bear a result's name and are none
  int64_t without_numbers = 0;          // results of both runs that are not compared
  int64_t repeated = 0;  // numbers that another result of the runs says too: these count once
};

/// How many of a unit's top images are compared: as many as its receptive field is measured on.
constexpr size_t kComparedTopImages = 25;

/// An agreement is the share of a unit's top images, of units' labels or of images' classes that
/// stayed as they were: 1 before. Error where a file is malformed, where a layer is not of one size
/// in both runs, and where there is nothing to compare.
RunNumbers ReadBothRuns(const ResultTree& before, const ResultTree& after);

}  // namespace netdissect
