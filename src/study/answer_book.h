#pragma once
// Answers as they come in, by unit and annotator: which of them count.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netdissect/study/unit_labels.h"
#include "study/annotation_task.h"

namespace netdissect {

/// An annotator's last word on a unit counts; layers are in the order in which they are first
/// named, annotators by name.
class AnswerBook {
 public:
  /// The unit is listed, even if nobody answers to it.
  void Ask(const std::string& layer, int unit);

  /// Without an answer the annotator skipped the unit.
  void Add(const std::string& layer, int unit, const std::string& annotator,
           std::optional<UnitAnswer> answer);

  int64_t replaced() const { return replaced_; }  // by a later one of the annotator to the unit
  int64_t skipped() const;                        // last words that are none
  int64_t taken() const;                          // answers that count

  /// One label for each unit, by its number.
  std::vector<LayerLabels> Labels(LabelSource source) const;

 private:
  using Words = std::map<std::string, std::optional<UnitAnswer>>;  // by annotator
  struct Layer {
    std::string name;
    std::map<int, Words> units;
  };

  Words& WordsOn(const std::string& layer, int unit);
  int64_t Count(bool answered) const;

  std::vector<Layer> layers_;
  int64_t replaced_ = 0;
};

/// What became of the answers that were given to a task: given = repeated + uncrossed + replaced +
/// skipped + taken.
struct AnswerCounts {
  int64_t given = 0;
  int64_t repeated = 0;   // sent twice: of an id that was there before, and the same
  int64_t uncrossed = 0;  // refused, since a planted negative is not crossed out
  int64_t replaced = 0;   // by the annotator's later one to the unit
  int64_t skipped = 0;    // say why there is no answer
  int64_t taken = 0;
};

/// The answers to one task.
class TaskAnswers {
 public:
  explicit TaskAnswers(const AnnotationTask& task);

  /// Error, beginning with `where`, where it is none that can be given to the task
  /// (RequireAnswerTo), or bears the id of a different one; then it counts nowhere.
  void Add(const Answer& answer, const std::string& where);

  AnswerCounts counts() const;
  std::vector<LayerLabels> Labels() const { return book_.Labels(LabelSource::kPeople); }

 private:
  const AnnotationTask& task_;
  AnswerBook book_;
  std::map<std::string, Answer> by_id_;
  AnswerCounts counts_;
};

}  // namespace netdissect
