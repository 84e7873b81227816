#include "study/annotation_task.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/text.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr size_t kLongestText = 200;  // bytes

}  // namespace

int TaskUnit::negatives() const {
  return static_cast<int>(std::count_if(tiles.begin(), tiles.end(),
                                        [](const TaskTile& tile) { return tile.negative; }));
}

bool TaskUnit::Accepts(const std::vector<int>& crossed) const {
  std::vector<char> is_crossed(tiles.size(), 0);
  for (const int tile : crossed) {
    if (tile < 0 || static_cast<size_t>(tile) >= tiles.size()) return false;
    if (std::exchange(is_crossed[static_cast<size_t>(tile)], 1) != 0) return false;
  }
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].negative && is_crossed[i] == 0) return false;
  }
  return true;
}

double TaskUnit::Precision(const std::vector<int>& crossed) const {
  const auto positives = static_cast<double>(tiles.size()) - negatives();
  const auto wrong = std::count_if(crossed.begin(), crossed.end(), [&](int tile) {
    return !tiles.at(static_cast<size_t>(tile)).negative;
  });
  return positives == 0 ? 0 : 1 - static_cast<double>(wrong) / positives;
}

int AnnotationTask::Find(const std::string& layer, int unit) const {
  const auto found = std::find_if(units.begin(), units.end(), [&](const TaskUnit& each) {
    return each.unit == unit && each.layer == layer;
  });
  return found == units.end() ? -1 : static_cast<int>(found - units.begin());
}

bool SaysTheSame(const Answer& a, const Answer& b) {
  const auto content = [](const Answer& answer) {
    return std::tie(answer.task, answer.layer, answer.unit, answer.annotator, answer.label,
                    answer.group, answer.crossed, answer.skipped);
  };
  return content(a) == content(b);
}

void RequireAnswerTo(const AnnotationTask& task, const Answer& answer, const std::string& where) {
  const auto require_text = [&](const std::string& text, const char* what, bool may_be_empty) {
    if (text.size() > kLongestText) {
      Fail("{}: {}: expected at most {} bytes, found {}", where, what, kLongestText, text.size());
    }
    if (!may_be_empty && Trim(text).empty()) Fail("{}: {}: expected some, found none", where, what);
  };
  require_text(answer.id, "id", false);
  require_text(answer.annotator, "annotator", false);
  require_text(answer.skipped, "skipped", true);
  require_text(answer.time, "time", true);
  if (answer.task != task.id) {
    Fail("{}: expected an answer to task {}, found one to {}", where, task.id, answer.task);
  }
  const int place = task.Find(answer.layer, answer.unit);
  if (place < 0) {
    Fail("{}: expected a unit of the task, found {} unit {}", where, answer.layer, answer.unit);
  }
  if (!std::isfinite(answer.seconds) || answer.seconds < 0) {
    Fail("{}: seconds: expected at least 0, found {}", where, answer.seconds);
  }
  const auto tiles = static_cast<int>(task.units[static_cast<size_t>(place)].tiles.size());
  int last = -1;
  for (const int tile : answer.crossed) {
    if (tile <= last || tile >= tiles) {
      Fail("{}: crossed: expected rising numbers of 0 to {}, found {} after {}", where, tiles - 1,
           tile, last);
    }
    last = tile;
  }
  require_text(answer.label, "label", !answer.skipped.empty());
  if (answer.skipped.empty()) task.taxonomy.Get(answer.group, where + ": group");
}

}  // namespace netdissect
