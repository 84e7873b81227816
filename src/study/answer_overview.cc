#include "study/answer_overview.h"

#include <algorithm>

#include "data/object_names.h"
#include "study/agreement.h"
#include "study/answer_book.h"

namespace netdissect {
namespace {

std::optional<double> MedianOf(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The last word of each annotator on each unit, as `annotate import` takes it.
std::vector<LayerLabels> LabelsOf(const Assignment& assignment) {
  TaskAnswers taken(assignment.task());
  for (const auto& answers : assignment.answers()) {
    for (const auto& [annotator, answer] : answers) taken.Add(answer, answer.id);
  }
  return taken.Labels();
}

std::map<std::pair<std::string, int>, std::string> LabelByUnit(
    const std::vector<LayerLabels>& layers) {
  std::map<std::pair<std::string, int>, std::string> labels;
  for (const LayerLabels& layer : layers) {
    for (const UnitLabel& unit : layer.units) labels[{layer.name, unit.unit}] = unit.label;
  }
  return labels;
}

}  // namespace

AnswerOverview OverviewOf(const Assignment& assignment) {
  const ObjectNames names;
  AnswerOverview overview;
  overview.units_done = assignment.Done();
  const std::vector<LayerLabels> layers = LabelsOf(assignment);
  const LabelAgreement agreement = AgreementOf(layers);
  overview.group_alpha = agreement.alpha.value;
  overview.same_crossed = agreement.crossed.value;
  auto consensus = LabelByUnit(layers);
  std::map<std::string, AnswerOverview::Annotator> annotators;
  std::map<std::string, std::vector<double>> seconds;  // by annotator
  std::vector<double> all_seconds;
  int64_t pairs = 0, same = 0;
  for (size_t i = 0; i < assignment.answers().size(); ++i) {
    const TaskUnit& unit = assignment.task().units[i];
    std::map<std::string, int> labels;
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
    overview.units.push_back({unit.layer, unit.unit, answers, consensus[{unit.layer, unit.unit}]});
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
