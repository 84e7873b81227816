#pragma once
// How far an annotation is, and how well its annotators agree so far.

#include <optional>
#include <string>
#include <vector>

#include "study/assignment.h"

namespace netdissect {

struct AnswerOverview {
  struct Annotator {
    std::string name;
    int answers = 0;  // without skips
    int refused = 0;
    std::optional<double> seconds_median;
    std::string last;  // time of the last answer
  };
  struct Unit {
    std::string layer;
    int unit = 0;
    int answers = 0;
    std::string label;  // by consensus; "" where there is none
  };

  int units_done = 0;
  int answers = 0;  // that count: without skips and those that were replaced
  int refused = 0, skipped = 0;
  /// Of the pairs of answers to one unit, those with one label once names are normalised
  /// (ObjectNames). None without pairs.
  std::optional<double> same_label;
  std::optional<double> group_alpha;     // Krippendorff's, of groups (study/agreement.h)
  std::optional<double> same_crossed;    // CrossedAgreement
  std::optional<double> seconds_median;  // of an answer
  std::vector<Annotator> annotators;     // by name
  std::vector<Unit> units;               // as in the task
};

AnswerOverview OverviewOf(const Assignment& assignment);

}  // namespace netdissect
