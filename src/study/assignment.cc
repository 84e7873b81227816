#include "study/assignment.h"

#include <algorithm>
#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {
Assignment::Assignment(const AnnotationTask& task, const AssignmentOptions& options)
    : task_(task),
      options_(options),
      answers_(task.units.size()),
      counts_(task.units.size(), 0),
      leases_(task.units.size()) {
  if (options.answers < 1) Fail("answers: expected at least 1, found {}", options.answers);
  constexpr double kYear = 366 * 24 * 3600.0;
  if (!(options.lease > 0 && options.lease <= kYear)) {
    Fail("lease: expected seconds above 0, at most a year, found {}", options.lease);
  }
}

AnswerVerdict Assignment::Judge(const Answer& answer) const {
  if (const auto same = by_id_.find(answer.id); same != by_id_.end()) {
    return SaysTheSame(same->second, answer) ? AnswerVerdict::kAgain : AnswerVerdict::kConflict;
  }
  const int unit = task_.Find(answer.layer, answer.unit);
  RequireUnit(unit);
  const bool counts =
      !answer.skipped.empty() || task_.units[static_cast<size_t>(unit)].Accepts(answer.crossed);
  return counts ? AnswerVerdict::kNew : AnswerVerdict::kUncrossed;
}

void Assignment::Take(const Answer& answer) {
  const int unit = task_.Find(answer.layer, answer.unit);
  RequireUnit(unit);
  std::map<std::string, Answer>& others = answers_[static_cast<size_t>(unit)];
  int& count = counts_[static_cast<size_t>(unit)];
  if (const auto before = others.find(answer.annotator); before != others.end()) {
    count -= before->second.skipped.empty() ? 1 : 0;
  }
  count += answer.skipped.empty() ? 1 : 0;
  others[answer.annotator] = answer;
  by_id_[answer.id] = answer;
  Release(answer.annotator, unit);
}

void Assignment::CountRefusal(const std::string& annotator) { ++refusals_[annotator]; }

Assignment::Leases& Assignment::LiveLeases(int unit, Time now) {
  Leases& leases = leases_[static_cast<size_t>(unit)];
  for (auto lease = leases.begin(); lease != leases.end();) {
    lease = lease->second <= now ? leases.erase(lease) : std::next(lease);
  }
  return leases;
}

bool Assignment::IsOpen(const std::string& annotator, int unit, Time now) {
  if (answers_[static_cast<size_t>(unit)].count(annotator) > 0) return false;
  const Leases& leases = LiveLeases(unit, now);
  const size_t others = leases.size() - leases.count(annotator);
  return AnswersOf(unit) + static_cast<int>(others) < options_.answers;
}

void Assignment::Lease(const std::string& annotator, int unit, Time now) {
  const auto length =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.lease));
  leases_[static_cast<size_t>(unit)][annotator] = now + length;
}

int Assignment::Next(const std::string& annotator, int current, Time now) {
  const auto units = static_cast<int>(task_.units.size());
  int best = -1;
  bool is_own = false;
  for (int unit = 0; unit < units; ++unit) {
    if (!IsOpen(annotator, unit, now)) continue;
    if (unit == current) {
      best = unit;
      break;
    }
    const bool own = leases_[static_cast<size_t>(unit)].count(annotator) > 0;
    const bool better = best < 0 || (own && !is_own) ||
                        (own == is_own && !own && AnswersOf(unit) < AnswersOf(best));
    if (!better) continue;
    best = unit;
    is_own = own;
  }
  if (best >= 0) Lease(annotator, best, now);
  return best;
}

bool Assignment::Renew(const std::string& annotator, int unit, Time now) {
  RequireUnit(unit);
  if (!IsOpen(annotator, unit, now)) return false;
  Lease(annotator, unit, now);
  return true;
}

void Assignment::Release(const std::string& annotator, int unit) {
  RequireUnit(unit);
  leases_[static_cast<size_t>(unit)].erase(annotator);
}

std::vector<int> Assignment::AnsweredBy(const std::string& annotator) const {
  std::vector<int> units;
  for (size_t unit = 0; unit < answers_.size(); ++unit) {
    if (answers_[unit].count(annotator) > 0) units.push_back(static_cast<int>(unit));
  }
  return units;
}

int Assignment::AnswersOf(int unit) const { return counts_[static_cast<size_t>(unit)]; }

int Assignment::Done() const {
  return static_cast<int>(std::count_if(counts_.begin(), counts_.end(),
                                        [&](int count) { return count >= options_.answers; }));
}

void Assignment::RequireUnit(int unit) const {
  if (unit < 0 || static_cast<size_t>(unit) >= task_.units.size()) {
    Fail("expected a unit of the task, 0 to {}, found {}", task_.units.size() - 1, unit);
  }
}

}  // namespace netdissect
