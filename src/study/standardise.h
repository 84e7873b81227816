#pragma once
// Features of mean 0 and deviation 1: z = (x - mean) / deviation, both over the rows that a
// classifier learns from, and over no other. Deviations are of the population (sum of squares over
// the number of rows). A feature that is constant over those rows says nothing there: it becomes 0.

#include <cstdint>
#include <vector>

namespace netdissect {

/// One for each feature.
struct Standardiser {
  std::vector<double> mean;
  std::vector<double> scale;  // 1 / deviation; 0 where the feature is constant

  int64_t features() const { return static_cast<int64_t>(mean.size()); }
  int64_t constant() const;  // features
};

/// (x - 0) / 1, for features that are taken as they are.
Standardiser TakenAsTheyAre(int64_t features);

/// Mean and sum of squared deviations of each feature, by one look at each row (Welford 1962);
/// those of two parts make that of both (Chan, Golub and LeVeque 1983).
class FeatureMoments {
 public:
  explicit FeatureMoments(int64_t features);

  void Add(const float* row);
  void Merge(const FeatureMoments& other);
  int64_t rows() const { return rows_; }
  Standardiser Standardise() const;

 private:
  int64_t rows_ = 0;
  std::vector<double> mean_, squares_;
};

}  // namespace netdissect
