#pragma once
// Kernels that look at maps: what they sum up to, and which of their values are wanted. For
// row_kernel.h alone, and private to the file that includes it, as that is.

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"

namespace netdissect {
namespace {

// In lanes that a processor computes side by side; the order of additions is the same everywhere.
inline MapSummary Summarize(const float* values, int64_t count) {
  typedef float Floats __attribute__((vector_size(32)));
  typedef float UnalignedFloats __attribute__((vector_size(32), aligned(4)));
  typedef double Doubles __attribute__((vector_size(64)));
  constexpr int kTogether = 8;
  Floats largest = values[0] - Floats{};
  Doubles sums = {};
  int64_t i = 0;
  for (; i + kTogether <= count; i += kTogether) {
    const Floats next = *reinterpret_cast<const UnalignedFloats*>(values + i);
    largest = largest < next ? next : largest;
    sums += __builtin_convertvector(next, Doubles);
  }
  for (int lane = 0; i < count; ++i, ++lane) {
    largest[lane] = largest[lane] < values[i] ? values[i] : largest[lane];
    sums[lane] += static_cast<double>(values[i]);
  }
  MapSummary summary{largest[0], 0};
  for (int lane = 0; lane < kTogether; ++lane) {
    summary.maximum = summary.maximum < largest[lane] ? largest[lane] : summary.maximum;
    summary.sum += sums[lane];
  }
  summary.maximum += 0.0f;  // no zero is negative
  return summary;
}

// Which lanes are at least `from`, or less than `below`.
#if defined(__AVX512F__)
typedef unsigned Chosen;
inline Chosen Choose(const Lanes& values, const Lanes& from, const Lanes& below) {
  const auto v = reinterpret_cast<__m512>(values);
  return static_cast<unsigned>(_mm512_cmp_ps_mask(v, reinterpret_cast<__m512>(from), _CMP_GE_OQ)) |
         static_cast<unsigned>(_mm512_cmp_ps_mask(v, reinterpret_cast<__m512>(below), _CMP_LT_OQ));
}
inline bool Any(Chosen chosen) { return chosen != 0; }
inline unsigned BitsOf(Chosen chosen) { return chosen; }
#else
typedef IntLanes Chosen;
inline Chosen Choose(const Lanes& values, const Lanes& from, const Lanes& below) {
  return (values >= from) | (values < below);
}
inline bool Any(const Chosen& chosen) {
  uint64_t words[kLanes / 2], any = 0;
  __builtin_memcpy(words, &chosen, sizeof words);
  for (const uint64_t word : words) any |= word;
  return any != 0;
}
inline unsigned BitsOf(const Chosen& chosen) {
  unsigned bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= (static_cast<unsigned>(chosen[i]) & 1u) << i;
  return bits;
}
#endif

inline Selection SelectNumbers(const float* values, int count, float floor, float* out) {
  Selection selection;
  const Lanes least = Splat(floor), none = Splat(-__builtin_inff()), all = -none;
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Lanes next = Load(values + i);
    selection.numbers += __builtin_popcount(BitsOf(Choose(next, none, all)));
    const Chosen chosen = Choose(next, least, none);
    if (!Any(chosen)) continue;
    for (unsigned bits = BitsOf(chosen); bits != 0; bits &= bits - 1) {
      out[selection.found++] = next[__builtin_ctz(bits)];
    }
  }
  for (; i < count; ++i) {
    selection.numbers += values[i] == values[i] ? 1 : 0;
    if (values[i] >= floor) out[selection.found++] = values[i];
  }
  return selection;
}

// Loads as many lanes as there are; zeros beyond.
inline Lanes LoadSome(const float* from, int count) {
  Lanes value = {};
  __builtin_memcpy(&value, from, sizeof(float) * static_cast<size_t>(count));
  return value;
}

// Half of the lanes.
typedef double HalfDoubles __attribute__((vector_size(4 * kLanes)));
#if defined(__AVX512F__)
// GCC 12 converts eight numbers in two parts, and warns of its own header where no mask is given.
inline HalfDoubles LowerDoubles(const Lanes& values) {
  const auto lower = __builtin_shufflevector(values, values, 0, 1, 2, 3, 4, 5, 6, 7);
  return reinterpret_cast<HalfDoubles>(_mm512_maskz_cvtps_pd(0xff, lower));
}
inline HalfDoubles UpperDoubles(const Lanes& values) {
  const auto upper = __builtin_shufflevector(values, values, 8, 9, 10, 11, 12, 13, 14, 15);
  return reinterpret_cast<HalfDoubles>(_mm512_maskz_cvtps_pd(0xff, upper));
}
#else
typedef float Half __attribute__((vector_size(2 * kLanes)));
inline HalfDoubles DoublesAt(const Lanes& values, int half) {
  Half part;
  __builtin_memcpy(&part, reinterpret_cast<const char*>(&values) + half * sizeof part, sizeof part);
  return __builtin_convertvector(part, HalfDoubles);
}
inline HalfDoubles LowerDoubles(const Lanes& values) { return DoublesAt(values, 0); }
inline HalfDoubles UpperDoubles(const Lanes& values) { return DoublesAt(values, 1); }
#endif

// Up to kLanes channels from `first` on. Sums are Summarize's, number for number.
template <bool WHOLE>
inline int64_t SweepLanes(const SweepCall& call, int first, int64_t found) {
  constexpr int kTogether = 8;
  constexpr int kAhead = 32;  // positions: their lines are too far apart to be foreseen
  const int channels = WHOLE ? kLanes : call.channels - first;
  const Lanes below = LoadSome(call.below + first, channels);
  // Nothing is found where there is no channel.
  Lanes from = Splat(__builtin_inff());
  __builtin_memcpy(&from, call.from + first, sizeof(float) * static_cast<size_t>(channels));
  const float* row = call.rows + first;
  const auto load = [&](const float* at) { return WHOLE ? Load(at) : LoadSome(at, channels); };
  const auto keep = [&](const Lanes& value) {
    for (unsigned bits = BitsOf(Choose(value, from, below)); bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      call.values[found] = value[lane];
      call.found[found++] = first + lane;
    }
  };
  Lanes largest = load(row);
  HalfDoubles sums[kTogether][2] = {};
  const auto add = [&](const Lanes& value, HalfDoubles* to) {
    to[0] += LowerDoubles(value);
    to[1] += UpperDoubles(value);
    largest = largest < value ? value : largest;
  };
  int64_t p = 0;
  for (; p + kTogether <= call.positions; p += kTogether) {
    Chosen any = {};
#pragma GCC unroll 8
    for (int i = 0; i < kTogether; ++i) {
      const Lanes value = load(row + i * call.apart);
      __builtin_prefetch(row + (i + kAhead) * call.apart);
      add(value, sums[i]);
      any |= Choose(value, from, below);
    }
    if (Any(any)) {
      for (int i = 0; i < kTogether; ++i) {
        keep(load(row + i * call.apart));
      }
    }
    row += kTogether * call.apart;
  }
  for (int i = 0; p < call.positions; ++p, ++i) {
    const Lanes value = load(row);
    add(value, sums[i]);
    keep(value);
    row += call.apart;
  }
  for (int c = 0; c < channels; ++c) {
    MapSummary& map = call.maps[first + c];
    map = {largest[c] + 0.0f, 0};
    for (int i = 0; i < kTogether; ++i) map.sum += sums[i][c / (kLanes / 2)][c % (kLanes / 2)];
  }
  return found;
}

inline int64_t SweepMaps(const SweepCall& call) {
  int64_t found = 0;
  int first = 0;
  for (; first + kLanes <= call.channels; first += kLanes) {
    found = SweepLanes<true>(call, first, found);
  }
  return first < call.channels ? SweepLanes<false>(call, first, found) : found;
}

// Without a branch: most activations are zero after a rectification, at places that no processor
// foresees.
inline void SplitNumbers(const float* values, int count, Magnitudes& found) {
  constexpr uint32_t kSign = 0x80000000u;
  constexpr uint32_t kInfinity = 0x7f800000u;  // above it, what is not a number
  int i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= count; i += 16) {
    const __m512i bits = _mm512_loadu_si512(values + i);
    const __m512i magnitude = _mm512_and_si512(_mm512_set1_epi32(0x7fffffff), bits);
    const auto zero = static_cast<unsigned>(_mm512_testn_epi32_mask(magnitude, magnitude));
    const auto number = static_cast<unsigned>(
        _mm512_cmple_epu32_mask(magnitude, _mm512_set1_epi32(static_cast<int>(kInfinity))));
    const auto sign = static_cast<unsigned>(_mm512_cmplt_epi32_mask(bits, _mm512_setzero_si512()));
    const unsigned positive = number & ~zero & ~sign, negative = number & ~zero & sign;
    _mm512_storeu_si512(found.positive + found.positives,
                        _mm512_maskz_compress_epi32(static_cast<__mmask16>(positive), magnitude));
    found.positives += __builtin_popcount(positive);
    found.zeros += __builtin_popcount(zero);
    if (negative == 0) continue;
    _mm512_storeu_si512(found.negative + found.negatives,
                        _mm512_maskz_compress_epi32(static_cast<__mmask16>(negative), magnitude));
    found.negatives += __builtin_popcount(negative);
  }
#endif
  for (; i < count; ++i) {
    uint32_t bits = 0;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    const uint32_t magnitude = bits & ~kSign;
    const bool other = magnitude - 1 < kInfinity, negative = bits >> 31 != 0;
    found.positive[found.positives] = magnitude;
    found.negative[found.negatives] = magnitude;
    found.positives += other && !negative;
    found.negatives += other && negative;
    found.zeros += magnitude == 0;
  }
}

}  // namespace
}  // namespace netdissect
