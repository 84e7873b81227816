#include "netdissect/probe/quantile_sketch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "netdissect/base/error.h"
#include "nn/rows/kernel_choice.h"

namespace netdissect {
namespace {

constexpr int kShift = 16;  // leaves sign, exponent and 7 bits of the mantissa
constexpr uint32_t kSign = 0x80000000u;

uint32_t BitsOf(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Lower end of a bucket of magnitudes.
double LowerEnd(int64_t bucket) {
  const auto bits = static_cast<uint32_t>(bucket << kShift);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

void QuantileSketch::Side::Count(int64_t bucket, uint64_t times) {
  if (counts.empty()) first = bucket;
  if (bucket < first) {
    counts.insert(counts.begin(), static_cast<size_t>(first - bucket), 0);
    first = bucket;
  }
  const auto index = static_cast<size_t>(bucket - first);
  if (index >= counts.size()) counts.resize(index + 1, 0);
  const uint64_t sum = counts[index] + times;
  counts[index] = static_cast<uint32_t>(sum);
  if (sum >> 32 != 0) carried[bucket] += static_cast<uint32_t>(sum >> 32);
}

int64_t QuantileSketch::Side::Total(size_t index) const {
  const auto carry = carried.find(first + static_cast<int64_t>(index));
  const uint64_t upper = carry == carried.end() ? 0 : carry->second;
  return static_cast<int64_t>(upper << 32 | counts[index]);
}

void QuantileSketch::CountOther(float value) {
  const uint32_t magnitude = BitsOf(value) & ~kSign;
  (value > 0 ? positive_ : negative_).Count(magnitude >> kShift);
}

void QuantileSketch::LeaveExact() {
  exact_ = false;
  for (float value : values_) CountOther(value);
  values_ = {};
}

// Adds magnitudes: those in buckets that there are already cost a shift and an addition each.
void QuantileSketch::Side::CountAll(const uint32_t* magnitudes, size_t number) {
  for (size_t i = 0; i < number; ++i) {
    const int64_t bucket = magnitudes[i] >> kShift;
    const auto index = static_cast<size_t>(bucket - first);  // huge below the first
    if (index >= counts.size()) {
      Count(bucket);
    } else if (++counts[index] == 0) {
      ++carried[bucket];
    }
  }
}

void QuantileSketch::Add(const float* values, int64_t count) {
  constexpr int64_t kBlock = 1024;
  uint32_t positive[kBlock + 16], negative[kBlock + 16];
  const RowKernels& kernels = Kernels();
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    Magnitudes found{positive, negative};
    kernels.split(values + begin, static_cast<int>(std::min(kBlock, count - begin)), found);
    zeros_ += found.zeros;
    AddMagnitudes(positive, static_cast<size_t>(found.positives), positive_, 1);
    AddMagnitudes(negative, static_cast<size_t>(found.negatives), negative_, -1);
  }
}

void QuantileSketch::AddMagnitudes(const uint32_t* magnitudes, size_t number, Side& side,
                                   float sign) {
  others_ += static_cast<int64_t>(number);
  size_t begin = 0;
  if (exact_) {
    begin = std::min(number, kExact - values_.size());
    for (size_t i = 0; i < begin; ++i) {
      float value = 0;
      std::memcpy(&value, &magnitudes[i], sizeof value);
      values_.push_back(sign * value);
    }
    if (begin < number) LeaveExact();
  }
  side.CountAll(magnitudes + begin, number - begin);
}

void QuantileSketch::Merge(const QuantileSketch& other) {
  zeros_ += other.zeros_;
  others_ += other.others_;
  if (exact_ && other.exact_ && values_.size() + other.values_.size() <= kExact) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    return;
  }
  if (exact_) LeaveExact();
  for (float value : other.values_) CountOther(value);
  const auto merge = [](Side& into, const Side& from) {
    for (size_t i = 0; i < from.counts.size(); ++i) {
      const int64_t times = from.Total(i);
      if (times > 0) {
        into.Count(from.first + static_cast<int64_t>(i), static_cast<uint64_t>(times));
      }
    }
  };
  merge(positive_, other.positive_);
  merge(negative_, other.negative_);
}

void QuantileSketch::Save(ByteWriter& out) const {
  out.Put(zeros_);
  out.Put(others_);
  out.Put(exact_);
  out.Put(values_);
  for (const Side* side : {&positive_, &negative_}) {
    out.Put(side->first);
    out.Put(side->counts);
    out.Put(side->carried.size());
    for (const auto& [bucket, upper] : side->carried) {
      out.Put(bucket);
      out.Put(upper);
    }
  }
}

void QuantileSketch::Add(ByteReader& in) {
  QuantileSketch saved;
  in.Get(saved.zeros_);
  in.Get(saved.others_);
  in.Get(saved.exact_);
  in.Get(saved.values_);
  for (Side* side : {&saved.positive_, &saved.negative_}) {
    in.Get(side->first);
    in.Get(side->counts);
    for (auto left = in.Get<size_t>(); left > 0; --left) {
      const auto bucket = in.Get<int64_t>();
      in.Get(side->carried[bucket]);
    }
  }
  Merge(saved);
}

double QuantileSketch::Quantile(double q) const {
  if (!(q > 0 && q <= 1)) Fail("quantile: expected a fraction above 0, up to 1, found {}", q);
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto total = static_cast<double>(count());
  // Rank of the wanted value, from 0, in the sorted stream.
  auto rank = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(q * total)) - 1, 0, count() - 1);
  // The product may be rounded up past the rank that is already enough: 0.07 * 100 > 7.
  if (rank > 0 && static_cast<double>(rank) / total >= q) --rank;
  if (exact_) {
    std::vector<float> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), 0.0f) - sorted.begin();
    if (rank < below) return sorted[static_cast<size_t>(rank)];
    if (rank < below + zeros_) return 0;
    return sorted[static_cast<size_t>(rank - zeros_)];
  }
  // Inside a bucket values are taken to be spread evenly.
  const auto inside = [](int64_t bucket, int64_t position, int64_t times) {
    const double low = LowerEnd(bucket);
    if (std::isinf(low)) return low;
    constexpr double kLargest = std::numeric_limits<float>::max();
    const double high = std::min(LowerEnd(bucket + 1), kLargest);
    return low + (high - low) * (static_cast<double>(position) + 0.5) / static_cast<double>(times);
  };
  for (size_t i = negative_.counts.size(); i-- > 0;) {
    const int64_t times = negative_.Total(i);
    if (rank < times) {
      return -inside(negative_.first + static_cast<int64_t>(i), times - 1 - rank, times);
    }
    rank -= times;
  }
  if (rank < zeros_) return 0;
  rank -= zeros_;
  for (size_t i = 0; i < positive_.counts.size(); ++i) {
    const int64_t times = positive_.Total(i);
    if (rank < times) return inside(positive_.first + static_cast<int64_t>(i), rank, times);
    rank -= times;
  }
  Fail("quantile: expected counts of {} values in all, found fewer", count());
}

}  // namespace netdissect
