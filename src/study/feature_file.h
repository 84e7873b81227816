#pragma once
// Features that are in a file: a NumPy array of float32 (rows, features).

#include "base/npy_rows.h"
#include "study/feature_rows.h"

namespace netdissect {

class FeatureFile final : public FeatureRows {
 public:
  explicit FeatureFile(const Path& path) : reader_(path) {}

  int64_t rows() const override { return reader_.rows(); }
  int64_t features() const override { return reader_.columns(); }
  void Read(int64_t first, int64_t count, float* out) const override {
    reader_.Read(first, count, out);
  }

 private:
  mutable NpyRowReader reader_;
};

}  // namespace netdissect
