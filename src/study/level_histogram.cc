#include <limits>
#include <numeric>

#include "netdissect/study/unit_quality.h"

namespace netdissect {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

int64_t Total(const std::vector<int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

double Ratio(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void LevelHistogram::Add(int level, bool is_object, int64_t pixels) {
  (is_object ? object_ : other_)[static_cast<size_t>(level)] += pixels;
}

void LevelHistogram::Merge(const LevelHistogram& other) {
  for (size_t i = 0; i < object_.size(); ++i) {
    object_[i] += other.object_[i];
    other_[i] += other.other_[i];
  }
}

std::vector<LevelHistogram::Point> LevelHistogram::Curve() const {
  std::vector<Point> curve;
  const int64_t objects = Total(object_);
  int64_t found = 0, above = 0;
  for (size_t level = object_.size(); level-- > 0;) {
    if (object_[level] + other_[level] == 0) continue;
    found += object_[level];
    above += object_[level] + other_[level];
    curve.push_back({static_cast<int>(level), objects > 0 ? Ratio(found, objects) : kNothing,
                     Ratio(found, above)});
  }
  return curve;
}

double LevelHistogram::AveragePrecision() const {
  if (Total(object_) == 0) return kNothing;
  double sum = 0, recall = 0;
  for (const Point& point : Curve()) {
    sum += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  return sum;
}

double LevelHistogram::Jaccard(int level) const {
  const int64_t objects = Total(object_);
  if (objects == 0) return kNothing;
  int64_t found = 0, wrong = 0;
  for (size_t i = static_cast<size_t>(level); i < object_.size(); ++i) {
    found += object_[i];
    wrong += other_[i];
  }
  return Ratio(found, objects + wrong);
}

double LevelHistogram::Chance() const {
  const int64_t objects = Total(object_);
  return objects > 0 ? Ratio(objects, objects + Total(other_)) : kNothing;
}

int LevelHistogram::BestLevel() const {
  const int64_t objects = Total(object_);
  int64_t found = 0, wrong = 0;
  int best = levels() - 1;
  double best_index = -1;
  for (size_t level = object_.size(); level-- > 0;) {
    found += object_[level];
    wrong += other_[level];
    const double index = objects > 0 ? Ratio(found, objects + wrong) : 0;
    if (index > best_index) {
      best_index = index;
      best = static_cast<int>(level);
    }
  }
  return best;
}

}  // namespace netdissect
