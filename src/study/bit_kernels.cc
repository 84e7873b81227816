#include "study/bit_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace netdissect {
namespace {

// The bodies; each is compiled once for every set of instructions that it is inlined into.
[[gnu::always_inline]] inline int64_t Count(const uint64_t* a, size_t words) {
  int64_t count = 0;
  for (size_t i = 0; i < words; ++i) count += __builtin_popcountll(a[i]);
  return count;
}

[[gnu::always_inline]] inline int64_t CountBothOf(const uint64_t* a, const uint64_t* b,
                                                  size_t words) {
  int64_t count = 0;
  for (size_t i = 0; i < words; ++i) count += __builtin_popcountll(a[i] & b[i]);
  return count;
}

void ThresholdRow(const float* below, const float* above, float weight, float threshold,
                  size_t words, uint64_t* out) {
  for (size_t word = 0; word < words; ++word) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 64; ++i) {
      const size_t x = 64 * word + i;
      const float value = below[x] + weight * (above[x] - below[x]);
      bits |= static_cast<uint64_t>(value > threshold) << i;
    }
    out[word] = bits;
  }
}

int64_t CountPortable(const uint64_t* a, size_t words) { return Count(a, words); }
int64_t CountBothPortable(const uint64_t* a, const uint64_t* b, size_t words) {
  return CountBothOf(a, b, words);
}

#if defined(__x86_64__)

__attribute__((target("popcnt"))) int64_t CountPopcnt(const uint64_t* a, size_t words) {
  return Count(a, words);
}
__attribute__((target("popcnt"))) int64_t CountBothPopcnt(const uint64_t* a, const uint64_t* b,
                                                          size_t words) {
  return CountBothOf(a, b, words);
}

__attribute__((target("avx2"))) void ThresholdRowAvx2(const float* below, const float* above,
                                                      float weight, float threshold, size_t words,
                                                      uint64_t* out) {
  const __m256 weights = _mm256_set1_ps(weight), thresholds = _mm256_set1_ps(threshold);
  for (size_t word = 0; word < words; ++word) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 64; i += 8) {
      const size_t x = 64 * word + i;
      const __m256 low = _mm256_loadu_ps(below + x);
      const __m256 rise = _mm256_sub_ps(_mm256_loadu_ps(above + x), low);
      const __m256 value = _mm256_add_ps(low, _mm256_mul_ps(weights, rise));
      const int above_it = _mm256_movemask_ps(_mm256_cmp_ps(value, thresholds, _CMP_GT_OQ));
      bits |= static_cast<uint64_t>(static_cast<unsigned>(above_it)) << i;
    }
    out[word] = bits;
  }
}

__attribute__((target("avx512f"))) void ThresholdRowAvx512(const float* below, const float* above,
                                                           float weight, float threshold,
                                                           size_t words, uint64_t* out) {
  const __m512 weights = _mm512_set1_ps(weight), thresholds = _mm512_set1_ps(threshold);
  for (size_t word = 0; word < words; ++word) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 64; i += 16) {
      const size_t x = 64 * word + i;
      const __m512 low = _mm512_loadu_ps(below + x);
      const __m512 rise = _mm512_sub_ps(_mm512_loadu_ps(above + x), low);
      const __m512 value = _mm512_add_ps(low, _mm512_mul_ps(weights, rise));
      bits |= static_cast<uint64_t>(_mm512_cmp_ps_mask(value, thresholds, _CMP_GT_OQ)) << i;
    }
    out[word] = bits;
  }
}

__attribute__((target("avx512f,avx512vpopcntdq"))) int64_t CountBothAvx512(const uint64_t* a,
                                                                           const uint64_t* b,
                                                                           size_t words) {
  __m512i counts = _mm512_setzero_si512();
  for (size_t i = 0; i < words; i += 8) {
    const size_t left = words - i;
    const auto lanes = static_cast<__mmask8>(left >= 8 ? 0xff : (1u << left) - 1);
    const __m512i both = _mm512_and_si512(_mm512_maskz_loadu_epi64(lanes, a + i),
                                          _mm512_maskz_loadu_epi64(lanes, b + i));
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(both));
  }
  alignas(64) int64_t lanes[8];
  _mm512_store_si512(lanes, counts);
  int64_t count = 0;
  for (const int64_t lane : lanes) count += lane;
  return count;
}

__attribute__((target("avx512f,avx512vpopcntdq"))) int64_t CountAvx512(const uint64_t* a,
                                                                       size_t words) {
  return CountBothAvx512(a, a, words);
}

#endif

}  // namespace

const BitKernels& PortableBitKernels() {
  static const BitKernels kernels{"portable", ThresholdRow, CountPortable, CountBothPortable};
  return kernels;
}

const BitKernels& BestBitKernels() {
#if defined(__x86_64__)
  static const BitKernels best = [] {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq")) {
      return BitKernels{"avx512", ThresholdRowAvx512, CountAvx512, CountBothAvx512};
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) {
      return BitKernels{"avx2", ThresholdRowAvx2, CountPopcnt, CountBothPopcnt};
    }
    return PortableBitKernels();
  }();
  return best;
#else
  return PortableBitKernels();
#endif
}

}  // namespace netdissect
