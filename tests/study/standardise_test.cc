#include "study/standardise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace netdissect {
namespace {

constexpr size_t kFeatures = 5;

// The third feature has a mean that is large beside its deviation; the last is constant.
std::vector<float> RowNumber(int64_t row) {
  Random random(9, row);
  const double value = random.Normal();
  return {static_cast<float>(value), static_cast<float>(100 * random.Uniform()),
          static_cast<float>(1e5 + value), static_cast<float>(row % 2), 0.1f};
}

TEST(StandardiseTest, MeanAndDeviationAreThoseOfTwoPasses) {
  constexpr int64_t kRows = 1001;
  FeatureMoments moments(kFeatures);
  std::vector<long double> mean(kFeatures), square(kFeatures);
  for (int64_t row = 0; row < kRows; ++row) {
    moments.Add(RowNumber(row).data());
    for (size_t f = 0; f < kFeatures; ++f) mean[f] += RowNumber(row)[f];
  }
  for (long double& each : mean) each /= kRows;
  for (int64_t row = 0; row < kRows; ++row) {
    for (size_t f = 0; f < kFeatures; ++f) {
      square[f] += (RowNumber(row)[f] - mean[f]) * (RowNumber(row)[f] - mean[f]);
    }
  }
  const Standardiser standardiser = moments.Standardise();
  for (size_t f = 0; f < kFeatures - 1; ++f) {
    EXPECT_NEAR(standardiser.mean[f], static_cast<double>(mean[f]), 1e-9);
    const double scale = 1 / std::sqrt(static_cast<double>(square[f] / kRows));
    EXPECT_NEAR(standardiser.scale[f], scale, 1e-8 * scale);
  }
  EXPECT_EQ(standardiser.scale.back(), 0);
  EXPECT_EQ(standardiser.constant(), 1);
}

TEST(StandardiseTest, PartsMakeTheWhole) {
  FeatureMoments whole(kFeatures), merged(kFeatures);
  int64_t row = 0;
  for (int64_t rows : {0, 1, 40, 500}) {
    FeatureMoments part(kFeatures);
    for (int64_t i = 0; i < rows; ++i, ++row) {
      part.Add(RowNumber(row).data());
      whole.Add(RowNumber(row).data());
    }
    merged.Merge(part);
  }
  EXPECT_EQ(merged.rows(), whole.rows());
  const Standardiser a = merged.Standardise(), b = whole.Standardise();
  for (size_t f = 0; f < kFeatures; ++f) {
    EXPECT_NEAR(a.mean[f], b.mean[f], 1e-9);
    EXPECT_NEAR(a.scale[f], b.scale[f], 1e-8 * b.scale[f]);
  }
  EXPECT_EQ(a.scale.back(), 0);  // constant in every part
}

}  // namespace
}  // namespace netdissect
