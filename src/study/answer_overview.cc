#include "study/answer_overview.h"

#include <algorithm>

#include "data/object_names.h"

namespace netdissect {
namespace {

std::optional<double> MedianOf(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

using LabelCounts = std::map<std::string, int>;

std::string MostFrequent(const LabelCounts& labels) {
  std::string best;
  int most = 0;
  for (const auto& [label, count] : labels) {
    if (count == most) best.clear();  // two that are as frequent
    if (count > most) best = label;
    most = std::max(most, count);
  }
  return best;
}

}  // namespace

AnswerOverview OverviewOf(const Assignment& assignment) {
  const ObjectNames names;
  AnswerOverview overview;
  overview.units_done = assignment.Done();
  std::map<std::string, AnswerOverview::Annotator> annotators;
  std::map<std::string, std::vector<double>> seconds;  // by annotator
  std::vector<double> all_seconds;
  int64_t pairs = 0, same = 0;
  for (size_t i = 0; i < assignment.answers().size(); ++i) {
    const TaskUnit& unit = assignment.task().units[i];
    LabelCounts labels;
    int answers = 0;
    for (const auto& [name, answer] : assignment.answers()[i]) {
      AnswerOverview::Annotator& annotator = annotators[name];
      annotator.last = std::max(annotator.last, answer.time);
      if (!answer.skipped.empty()) {
        ++overview.skipped;
        continue;
      }
      const int agreeing = labels[names.Normalize(answer.label)]++;
      same += agreeing;
      pairs += answers++;
      ++annotator.answers;
      seconds[name].push_back(answer.seconds);
      all_seconds.push_back(answer.seconds);
    }
    overview.answers += answers;
    overview.units.push_back({unit.layer, unit.unit, answers, MostFrequent(labels)});
  }
  for (const auto& [name, count] : assignment.refusals()) {
    annotators[name].refused = count;
    overview.refused += count;
  }
  for (auto& [name, annotator] : annotators) {
    annotator.name = name;
    annotator.seconds_median = MedianOf(std::move(seconds[name]));
    overview.annotators.push_back(std::move(annotator));
  }
  if (pairs > 0) overview.same_label = static_cast<double>(same) / static_cast<double>(pairs);
  overview.seconds_median = MedianOf(std::move(all_seconds));
  return overview;
}

}  // namespace netdissect
