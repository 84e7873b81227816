#pragma once
// Made-up rows of features that tell classes apart, though not wholly.

#include "base/random.h"
#include "study/linear_svm.h"

namespace netdissect {

struct LabelledRows {
  RowsInMemory rows;
  std::vector<int> labels;
  int classes;

  SvmRows all() const { return {&rows, labels, classes, {}}; }
};

/// Normal noise around a random centre for each class; features of different means and deviations.
inline LabelledRows MakeLabelledRows(int64_t rows, int64_t features, int classes, uint64_t seed,
                                     double apart = 0.5) {
  std::vector<float> values;
  std::vector<int> labels;
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<int>(Random(seed, i).Below(static_cast<uint64_t>(classes)));
    labels.push_back(i < classes ? static_cast<int>(i) : label);
    for (int64_t f = 0; f < features; ++f) {
      const double centre = apart * Random(seed, -1, labels.back(), f).Normal();
      const double scale = 0.2 + 3 * Random(seed, -2, f).Uniform();
      const double noise = Random(seed, i, f).Normal();
      values.push_back(static_cast<float>(scale * (centre + noise) + static_cast<double>(f)));
    }
  }
  return {RowsInMemory(features, std::move(values)), std::move(labels), classes};
}

}  // namespace netdissect
