#include "study/standardise.h"

#include <algorithm>
#include <cmath>

namespace netdissect {

int64_t Standardiser::constant() const { return std::count(scale.begin(), scale.end(), 0.0); }

Standardiser TakenAsTheyAre(int64_t features) {
  const auto count = static_cast<size_t>(features);
  return {std::vector<double>(count, 0.0), std::vector<double>(count, 1.0)};
}

FeatureMoments::FeatureMoments(int64_t features)
    : mean_(static_cast<size_t>(features)), squares_(static_cast<size_t>(features)) {}

void FeatureMoments::Add(const float* row) {
  ++rows_;
  const double share = 1.0 / static_cast<double>(rows_);
  for (size_t f = 0; f < mean_.size(); ++f) {
    const double value = row[f], before = value - mean_[f];
    mean_[f] += before * share;
    squares_[f] += before * (value - mean_[f]);
  }
}

void FeatureMoments::Merge(const FeatureMoments& other) {
  if (other.rows_ == 0) return;
  const auto own = static_cast<double>(rows_), others = static_cast<double>(other.rows_);
  const double both = own + others;
  for (size_t f = 0; f < mean_.size(); ++f) {
    const double apart = other.mean_[f] - mean_[f];
    mean_[f] += apart * (others / both);
    squares_[f] += other.squares_[f] + apart * apart * (own * others / both);
  }
  rows_ += other.rows_;
}

Standardiser FeatureMoments::Standardise() const {
  Standardiser result = {mean_, std::vector<double>(mean_.size())};
  for (size_t f = 0; f < mean_.size(); ++f) {
    const double deviation = std::sqrt(squares_[f] / static_cast<double>(rows_));
    if (deviation > 0) result.scale[f] = 1 / deviation;
  }
  return result;
}

}  // namespace netdissect
