#pragma once
// Features of images, a row each: handed out in blocks, so that they need not be in memory.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace netdissect {

class FeatureRows {
 public:
  virtual ~FeatureRows() = default;
  virtual int64_t rows() const = 0;
  virtual int64_t features() const = 0;
  /// Rows [first, first + count) into `out`, one after the other. To be called from one thread.
  virtual void Read(int64_t first, int64_t count, float* out) const = 0;
};

/// Rows that are in memory: (rows, features), one after the other.
class RowsInMemory final : public FeatureRows {
 public:
  RowsInMemory(int64_t features, std::vector<float> values)
      : features_(features), values_(std::move(values)) {}

  int64_t rows() const override {
    return features_ == 0 ? 0 : static_cast<int64_t>(values_.size()) / features_;
  }
  int64_t features() const override { return features_; }
  void Read(int64_t first, int64_t count, float* out) const override {
    std::copy_n(values_.begin() + first * features_, count * features_, out);
  }

 private:
  int64_t features_;
  std::vector<float> values_;
};

}  // namespace netdissect
