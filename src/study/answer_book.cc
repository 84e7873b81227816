#include "study/answer_book.h"

#include <algorithm>
#include <utility>

#include "netdissect/base/error.h"
#include "study/consensus.h"

namespace netdissect {
namespace {

UnitAnswer AnswerOf(const TaskUnit& unit, const Answer& answer) {
  UnitAnswer said;
  said.annotator = answer.annotator;
  said.label = answer.label;
  said.group = answer.group;
  said.precision = unit.Precision(answer.crossed);
  said.shown = static_cast<int>(unit.tiles.size()) - unit.negatives();
  said.crossed.emplace();
  for (const int tile : answer.crossed) {
    if (!unit.tiles[static_cast<size_t>(tile)].negative) said.crossed->push_back(tile);
  }
  return said;
}

}  // namespace

AnswerBook::Words& AnswerBook::WordsOn(const std::string& layer, int unit) {
  auto found = std::find_if(layers_.begin(), layers_.end(),
                            [&](const Layer& each) { return each.name == layer; });
  if (found == layers_.end()) found = layers_.insert(found, Layer{layer, {}});
  return found->units[unit];
}

void AnswerBook::Ask(const std::string& layer, int unit) { WordsOn(layer, unit); }

void AnswerBook::Add(const std::string& layer, int unit, const std::string& annotator,
                     std::optional<UnitAnswer> answer) {
  const auto [word, is_new] = WordsOn(layer, unit).insert_or_assign(annotator, std::move(answer));
  replaced_ += is_new ? 0 : 1;
}

int64_t AnswerBook::Count(bool answered) const {
  int64_t count = 0;
  for (const Layer& layer : layers_) {
    for (const auto& [unit, words] : layer.units) {
      for (const auto& [annotator, answer] : words) count += answer.has_value() == answered ? 1 : 0;
    }
  }
  return count;
}

int64_t AnswerBook::skipped() const { return Count(false); }
int64_t AnswerBook::taken() const { return Count(true); }

std::vector<LayerLabels> AnswerBook::Labels(LabelSource source) const {
  std::vector<LayerLabels> labels;
  for (const Layer& layer : layers_) {
    LayerLabels& all = labels.emplace_back(LayerLabels{layer.name, {}});
    for (const auto& [unit, words] : layer.units) {
      std::vector<UnitAnswer> answers;
      for (const auto& [annotator, answer] : words) {
        if (answer) answers.push_back(*answer);
      }
      all.units.push_back(Consensus(unit, std::move(answers)));
      all.units.back().source = source;
    }
  }
  return labels;
}

TaskAnswers::TaskAnswers(const AnnotationTask& task) : task_(task) {
  for (const TaskUnit& unit : task.units) book_.Ask(unit.layer, unit.unit);
}

void TaskAnswers::Add(const Answer& answer, const std::string& where) {
  RequireAnswerTo(task_, answer, where);
  const auto [first, is_new] = by_id_.emplace(answer.id, answer);
  if (!is_new && !SaysTheSame(first->second, answer)) {
    Fail("{}: expected an id of its own, found {}, which another answer bears too", where,
         answer.id);
  }
  ++counts_.given;
  if (!is_new) {
    ++counts_.repeated;
    return;
  }
  if (!answer.skipped.empty()) {
    book_.Add(answer.layer, answer.unit, answer.annotator, std::nullopt);
    return;
  }
  const TaskUnit& unit = task_.units[static_cast<size_t>(task_.Find(answer.layer, answer.unit))];
  if (!unit.Accepts(answer.crossed)) {
    ++counts_.uncrossed;
    return;
  }
  book_.Add(answer.layer, answer.unit, answer.annotator, AnswerOf(unit, answer));
}

AnswerCounts TaskAnswers::counts() const {
  AnswerCounts counts = counts_;
  counts.replaced = book_.replaced();
  counts.skipped = book_.skipped();
  counts.taken = book_.taken();
  return counts;
}

}  // namespace netdissect
