#pragma once
// Quantiles of a stream of activations in bounded memory (section 2 of the recording; the 0.5%
// threshold of Network Dissection, Bau et al. 2017).
//
// Values are counted in buckets of the float's leading bits: 128 to an octave, so a bucket is at
// most 1/128 of its value wide (subnormal numbers, below 1e-38, to an absolute 1e-40). Zeros, most
// of a rectified map, have a count of their own. Up to kExact other values are kept as they are,
// and quantiles are then exact. Counting does not depend on order: any split of the stream into
// sketches merges to the same sketch.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "netdissect/base/public.h"

namespace netdissect NETDISSECT_PUBLIC {

class ByteReader;  // base/bytes.h
class ByteWriter;

class QuantileSketch {
 public:
  /// Values other than zero up to which quantiles are exact.
  static constexpr size_t kExact = 4096;

  /// What is not a number is left out.
  void Add(const float* values, int64_t count);
  void Merge(const QuantileSketch& other);

  void Save(ByteWriter& out) const;
  /// Merges what another sketch has saved. Error where it is none.
  void Add(ByteReader& in);

  int64_t count() const { return zeros_ + others_; }

  /// The smallest value v such that at least the fraction `q` in (0, 1] of all values is <= v;
  /// exact up to kExact values other than zero, else within 1/128 of it. NaN where nothing was
  /// added. Error where `q` is out of range.
  double Quantile(double q) const;

 private:
  // Counts of one sign, by bucket from `first` on: their lower 32 bits, so that a unit's stay in
  // the processor's cache, and for the few buckets of more than those hold, the upper ones.
  struct Side {
    int64_t first = 0;
    std::vector<uint32_t> counts;
    std::map<int64_t, uint32_t> carried;
    void Count(int64_t bucket, uint64_t times = 1);
    void CountAll(const uint32_t* magnitudes, size_t number);
    int64_t Total(size_t index) const;
  };

  // Bits of the absolute values of numbers of one sign.
  void AddMagnitudes(const uint32_t* magnitudes, size_t number, Side& side, float sign);
  void CountOther(float value);
  void LeaveExact();

  int64_t zeros_ = 0;
  int64_t others_ = 0;
  bool exact_ = true;
  std::vector<float> values_;  // while exact
  Side positive_, negative_;   // of |value|, afterwards
};

}  // namespace netdissect
