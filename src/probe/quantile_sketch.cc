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
constexpr uint32_t kFull = 0xffffffffu;  // of a bucket's count

uint32_t BitsOf(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

float FromBits(int64_t bits) {
  const auto narrow = static_cast<uint32_t>(bits);
  float value = 0;
  std::memcpy(&value, &narrow, sizeof value);
  return value;
}

int64_t BucketOf(float value) { return (BitsOf(value) & ~kSign) >> kShift; }

// Lower end of a bucket of magnitudes.
double LowerEnd(int64_t bucket) { return FromBits(bucket << kShift); }

// The smallest number of a bucket.
float SmallestPositive(int64_t bucket) { return std::max(FromBits(bucket << kShift), kSmallest); }
float SmallestNegative(int64_t bucket) {
  if (bucket >= BucketOf(kInfinity)) return -kInfinity;
  return -FromBits(((bucket + 1) << kShift) - 1);
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
  if (carried.empty()) return counts[index];
  const auto carry = carried.find(first + static_cast<int64_t>(index));
  const uint64_t upper = carry == carried.end() ? 0 : carry->second;
  return static_cast<int64_t>(upper << 32 | counts[index]);
}

int64_t QuantileSketch::Side::DropBelow(int64_t bucket) {
  const auto past = static_cast<size_t>(
      std::clamp<int64_t>(bucket - first, 0, static_cast<int64_t>(counts.size())));
  int64_t dropped = 0;
  for (size_t i = 0; i < past; ++i) dropped += Total(i);
  counts.erase(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(past));
  first += static_cast<int64_t>(past);
  carried.erase(carried.begin(), carried.lower_bound(first));
  return dropped;
}

int64_t QuantileSketch::Side::DropFrom(int64_t bucket) {
  const auto begin = static_cast<size_t>(
      std::clamp<int64_t>(bucket - first, 0, static_cast<int64_t>(counts.size())));
  int64_t dropped = 0;
  for (size_t i = begin; i < counts.size(); ++i) dropped += Total(i);
  counts.resize(begin);
  carried.erase(carried.lower_bound(first + static_cast<int64_t>(begin)), carried.end());
  return dropped;
}

int64_t QuantileSketch::LargestFor(double q, int64_t count) {
  // Two more than the fraction, for what its product and its rank are rounded by.
  return static_cast<int64_t>((1 - q) * static_cast<double>(count)) + 3;
}

void QuantileSketch::CountOther(float value) {
  (value > 0 ? positive_ : negative_).Count(BucketOf(value));
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

QuantileSketch::Wanted QuantileSketch::wanted() const {
  if (exact_) return {0, kSmallest};  // all but zeros
  return {-kInfinity, floor_};
}

void QuantileSketch::AddWanted(const Wanted& wanted, const float* values, int64_t count,
                               int64_t others) {
  const bool others_are_zeros = wanted.below == 0;
  (others_are_zeros && floor_ <= 0 ? zeros_ : below_) += others;
  for (int64_t i = 0; i < count; ++i) {
    const float value = values[i];
    // Nearly all of them: in a bucket that there is.
    if (!exact_ && value > 0 && value >= floor_) {
      const auto index = static_cast<size_t>(BucketOf(value) - positive_.first);
      if (index < positive_.counts.size() && positive_.counts[index] != kFull) {
        ++positive_.counts[index];
        ++others_;
        continue;
      }
    }
    if (value < floor_) {  // which has risen since
      ++below_;
      continue;
    }
    if (value == 0) {
      ++zeros_;
      continue;
    }
    const uint32_t magnitude = BitsOf(value) & ~kSign;
    const bool positive = value > 0;
    AddMagnitudes(&magnitude, 1, positive ? positive_ : negative_, positive ? 1.0f : -1.0f);
  }
  Forget();
}

void QuantileSketch::AddSelected(const float* values, int64_t count) {
  constexpr int64_t kBlock = 1024;
  float found[kBlock];
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t block = std::min(kBlock, count - begin);
    const Selection selection =
        Kernels().select(values + begin, static_cast<int>(block), floor_, found);
    AddWanted(wanted(), found, selection.found, selection.numbers - selection.found);
  }
}

void QuantileSketch::Forget() {
  const auto told_apart = [&] { return zeros_ + others_; };
  if (exact_ || told_apart() < enough_) return;
  const float floor = [&] {
    int64_t above = 0;
    for (size_t i = positive_.counts.size(); i-- > 0;) {
      above += positive_.Total(i);
      if (above >= largest_) return SmallestPositive(positive_.first + static_cast<int64_t>(i));
    }
    above += zeros_;
    if (above >= largest_) return kSmallest;
    for (size_t i = 0; i < negative_.counts.size(); ++i) {
      above += negative_.Total(i);
      if (above >= largest_) return SmallestNegative(negative_.first + static_cast<int64_t>(i));
    }
    return floor_;
  }();
  if (floor > floor_) DropBelow(floor);
  constexpr int64_t kLeast = 1024;  // values that pay for having looked
  enough_ = told_apart() + std::max(kLeast, largest_ / 4);
}

void QuantileSketch::DropBelow(float floor) {
  int64_t dropped = 0;
  floor_ = floor;
  if (floor > 0) {
    dropped = positive_.DropBelow(BucketOf(floor)) + negative_.DropFrom(0);
    below_ += zeros_;
    zeros_ = 0;
  } else {
    dropped = negative_.DropFrom(BucketOf(floor) + 1);
  }
  others_ -= dropped;
  below_ += dropped;
}

void QuantileSketch::Add(const float* values, int64_t count) {
  if (!exact_ && !wanted().all()) return AddSelected(values, count);
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
  Forget();
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
  if (largest_ != other.largest_) {
    Fail("quantiles: expected two of the {} largest values, found {}", largest_, other.largest_);
  }
  zeros_ += other.zeros_;
  others_ += other.others_;
  below_ += other.below_;
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
  if (const float floor = std::max(floor_, other.floor_); floor > -kInfinity) DropBelow(floor);
  Forget();
}

void QuantileSketch::Save(ByteWriter& out) const {
  out.Put(largest_);
  out.Put(floor_);
  out.Put(below_);
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
  QuantileSketch saved(in.Get<int64_t>());
  in.Get(saved.floor_);
  in.Get(saved.below_);
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
  if (count() - rank > largest_) {
    Fail("quantile: expected one of the {} largest values, found rank {} of {}", largest_, rank,
         count());
  }
  // Those who are only counted are the smallest; one that is asked for is a zero: a floor is raised
  // over others as far as the largest are told apart.
  if (rank < below_) return 0;
  rank -= below_;
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
