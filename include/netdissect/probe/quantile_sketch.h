#pragma once
// Quantiles of a stream of activations in bounded memory (section 2 of the recording; the 0.5%
// threshold of Network Dissection, Bau et al. 2017).
//
// Values are counted in buckets of the float's leading bits: 128 to an octave, so a bucket is at
// most 1/128 of its value wide (subnormal numbers, below 1e-38, to an absolute 1e-40). Zeros, most
// of a rectified map, have a count of their own. Up to kExact other values are kept as they are,
// and quantiles are then exact. Counting does not depend on order: any split of the stream into
// sketches merges to the same sketch.
//
// Where quantiles are asked for that lie among the largest values alone, as a threshold does, what
// is smaller than so many that were seen already need not be told apart: but for a first part of
// the stream, nearly all of it is only counted.

#include <cstddef>
#include <cstdint>
#include <limits>
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
  static constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

  /// Of a stream of which quantiles among the `largest` values will be asked for.
  explicit QuantileSketch(int64_t largest = kAll) : largest_(largest), enough_(largest) {}

  /// How many of the largest of at most `count` values the quantile of `q` is among.
  static int64_t LargestFor(double q, int64_t count);

  /// What is not a number is left out.
  void Add(const float* values, int64_t count);

  /// Values that have to be told apart: those below `below` and from `from` on. Of others their
  /// number is enough.
  struct Wanted {
    float below, from;
    bool all() const { return from == -std::numeric_limits<float>::infinity(); }
  };
  Wanted wanted() const;
  /// Numbers of the stream of which `count` are the wanted ones in `values`, and `others` are not;
  /// by what was wanted then or earlier.
  void AddWanted(const Wanted& wanted, const float* values, int64_t count, int64_t others);

  /// Of two sketches of the same `largest`.
  void Merge(const QuantileSketch& other);

  void Save(ByteWriter& out) const;
  /// Merges what another sketch has saved. Error where it is none, or of another `largest`.
  void Add(ByteReader& in);

  int64_t count() const { return zeros_ + others_ + below_; }

  /// The smallest value v such that at least the fraction `q` in (0, 1] of all values is <= v;
  /// exact up to kExact values other than zero, else within 1/128 of it. NaN where nothing was
  /// added. Error where `q` is out of range, or the value is not among the `largest`.
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
    // Forget buckets; the number of what was in them.
    int64_t DropBelow(int64_t bucket);
    int64_t DropFrom(int64_t bucket);
  };

  // Bits of the absolute values of numbers of one sign.
  void AddMagnitudes(const uint32_t* magnitudes, size_t number, Side& side, float sign);
  void AddSelected(const float* values, int64_t count);
  void CountOther(float value);
  void LeaveExact();
  // Raises the floor as far as the largest values allow, where enough were added to make it worth.
  void Forget();
  void DropBelow(float floor);

  int64_t largest_;
  int64_t zeros_ = 0;
  int64_t others_ = 0;
  bool exact_ = true;
  std::vector<float> values_;  // while exact
  Side positive_, negative_;   // of |value|, afterwards

  // The smallest number of a bucket, or above zero: what is below is only counted, in `below_`.
  float floor_ = -std::numeric_limits<float>::infinity();
  int64_t below_ = 0;
  int64_t enough_;  // values told apart, from which on to forget some
};

}  // namespace netdissect
