#pragma once
// A task of two units with five images each, of which the last is a planted negative, and answers.

#include "study/annotation_task.h"

namespace netdissect {

inline AnnotationTask SomeTask() {
  AnnotationTask task;
  task.id = "the task";
  task.network = "tiny";
  task.network_digest = "abc";
  task.taxonomy = {"paper", {{"color", "low", {"red"}, -1}, {"object", "high", {"tree"}, -1}}};
  for (const int number : {4, 9}) {
    TaskUnit unit;
    unit.layer = "pool5";
    unit.unit = number;
    unit.sheet = "sheets/000" + std::to_string(number) + ".jpg";
    unit.salt = "salt";
    for (int tile = 0; tile < 5; ++tile) {
      unit.tiles.push_back({std::to_string(tile) + ".jpg", "set", 1, 0.25, tile == 4});
    }
    task.units.push_back(unit);
  }
  return task;
}

inline Answer SomeAnswer(const std::string& id, int unit, const std::string& annotator,
                         const std::string& label, std::vector<int> crossed = {4}) {
  Answer answer;
  answer.id = id;
  answer.task = "the task";
  answer.layer = "pool5";
  answer.unit = unit;
  answer.annotator = annotator;
  answer.label = label;
  answer.group = "object";
  answer.crossed = std::move(crossed);
  return answer;
}

}  // namespace netdissect
