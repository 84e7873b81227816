// The kernel of row_product.h for one instruction set: included by one source file for each,
// compiled with that set's flags. Everything is private to that file, so that no code for a newer
// processor can be linked into what an older one runs.

#include "nn/rows/row_kernels.h"

namespace netdissect {
namespace {

typedef float Vector __attribute__((vector_size(64)));
typedef float UnalignedVector __attribute__((vector_size(64), aligned(4)));

// ROWS x (16 * VECTORS) outputs at once, in registers.
template <int ROWS, int VECTORS>
inline void Block(const KernelCall& call, int64_t first, int valid, const float* panel,
                  const float* bias, float* out, int columns) {
  Vector sums[ROWS][VECTORS];
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; ++v) {
    const Vector b = *reinterpret_cast<const Vector*>(bias + 16 * v);
#pragma GCC unroll 16
    for (int m = 0; m < ROWS; ++m) sums[m][v] = b;
  }
  for (int r = 0; r < call.runs; ++r) {
    const float* a[ROWS];
#pragma GCC unroll 16
    for (int m = 0; m < ROWS; ++m) {
      // Rows past the end repeat the last one; they are not written.
      const int64_t row = first + (m < valid ? m : valid - 1);
      a[m] = call.rows[row * call.runs + r] + call.offset;
    }
    for (int k = 0; k < call.length; ++k) {
      Vector b[VECTORS];
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; ++v) b[v] = *reinterpret_cast<const Vector*>(panel + 16 * v);
      panel += 16 * VECTORS;
#pragma GCC unroll 16
      for (int m = 0; m < ROWS; ++m) {
        const float value = a[m][k];
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; ++v) sums[m][v] += value * b[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < ROWS; ++m) {
    if (m >= valid) break;
    float* row = out + (first + m) * call.stride;
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; ++v) {
      Vector sum = sums[m][v];
      if (call.rectify) {
        const Vector zero = {};
        sum = sum > zero ? sum : call.slope * sum;
      }
      if (16 * (v + 1) <= columns) {
        *reinterpret_cast<UnalignedVector*>(row + 16 * v) = sum;
      } else {
        for (int i = 16 * v; i < columns; ++i) row[i] = sum[i - 16 * v];
      }
    }
  }
}

template <int ROWS, int VECTORS>
void Panel(const KernelCall& call, const float* panel, const float* bias, float* out, int columns) {
  for (int64_t first = 0; first < call.count; first += ROWS) {
    const int64_t left = call.count - first;
    Block<ROWS, VECTORS>(call, first, left < ROWS ? static_cast<int>(left) : ROWS, panel, bias, out,
                         columns);
  }
}

// Dot products for a few columns: weights are [column][k], the sum runs over 16 lanes.
inline void Dots(const KernelCall& call, const float* weights, const float* bias, float* out,
                 int columns) {
  for (int64_t m = 0; m < call.count; ++m) {
    for (int c = 0; c < columns; ++c) {
      const float* w = weights + static_cast<int64_t>(c) * call.runs * call.length;
      Vector lanes[2] = {};
      float rest = 0;
      for (int r = 0; r < call.runs; ++r) {
        const float* a = call.rows[m * call.runs + r] + call.offset;
        int k = 0;
        for (; k + 32 <= call.length; k += 32) {
          lanes[0] += *reinterpret_cast<const UnalignedVector*>(a + k) *
                      *reinterpret_cast<const UnalignedVector*>(w + k);
          lanes[1] += *reinterpret_cast<const UnalignedVector*>(a + k + 16) *
                      *reinterpret_cast<const UnalignedVector*>(w + k + 16);
        }
        for (; k < call.length; ++k) rest += a[k] * w[k];
        w += call.length;
      }
      const Vector both = lanes[0] + lanes[1];
      float sum = bias[c] + rest;
      for (int i = 0; i < 16; ++i) sum += both[i];
      out[m * call.stride + c] = call.rectify && !(sum > 0) ? call.slope * sum : sum;
    }
  }
}

inline void MaximumOf(const float* const* rows, int taps, int count, float* out) {
  int c = 0;
  for (; c + 16 <= count; c += 16) {
    Vector best = *reinterpret_cast<const UnalignedVector*>(rows[0] + c);
    for (int t = 1; t < taps; ++t) {
      const Vector value = *reinterpret_cast<const UnalignedVector*>(rows[t] + c);
      best = value > best ? value : best;
    }
    *reinterpret_cast<UnalignedVector*>(out + c) = best;
  }
  for (; c < count; ++c) {
    float best = rows[0][c];
    for (int t = 1; t < taps; ++t) best = rows[t][c] > best ? rows[t][c] : best;
    out[c] = best;
  }
}

inline void SumOf(const float* const* rows, const float* coefficients, int taps, float factor,
                  int count, float* out) {
  for (int c = 0; c < count; ++c) {
    float sum = 0;
    for (int t = 0; t < taps; ++t) {
      sum += coefficients == nullptr ? rows[t][c] : coefficients[t] * rows[t][c];
    }
    out[c] = factor * sum;
  }
}

inline void Rectify(const float* row, float slope, int count, float* out) {
  for (int c = 0; c < count; ++c) out[c] = row[c] > 0 ? row[c] : slope * row[c];
}

inline void RectifyEach(const float* row, const float* slopes, int count, float* out) {
  for (int c = 0; c < count; ++c) out[c] = row[c] > 0 ? row[c] : slopes[c] * row[c];
}

inline void ScaleAndShift(const float* row, const float* scale, const float* shift, int count,
                          float* out) {
  for (int c = 0; c < count; ++c) out[c] = row[c] * scale[c] + shift[c];
}

inline void NormalizeAcross(const float* row, int channels, int first, int count,
                            const NormCall& norm, float* squares, float* out) {
  // squares[i] belongs to channel first - before + i; channels that do not exist are zero.
  const int before = (norm.size - 1) / 2;
  const int needed = count + norm.size - 1;
  for (int i = 0; i < needed; ++i) {
    const int c = first - before + i;
    squares[i] = c >= 0 && c < channels ? row[c] * row[c] : 0.0f;
  }
  for (int i = 0; i < count; ++i) {
    float sum = 0;
    for (int j = 0; j < norm.size; ++j) sum += squares[i + j];
    out[i] = norm.k + norm.alpha_over_size * sum;
  }
  if (norm.beta == 0.75f) {  // the usual one, without a power
    for (int i = 0; i < count; ++i) {
      const float root = __builtin_sqrtf(out[i]);
      out[i] = row[first + i] / (root * __builtin_sqrtf(root));
    }
  } else {
    for (int i = 0; i < count; ++i) out[i] = row[first + i] * __builtin_powf(out[i], -norm.beta);
  }
}

// Independent chains of multiply-adds, as many as hide their latency; returns their number.
inline int64_t PeakLoop(int64_t iterations, float* sink) {
  constexpr int kChains = 24;
  Vector sums[kChains];
#pragma GCC unroll 24
  for (int i = 0; i < kChains; ++i) sums[i] = static_cast<float>(i) + Vector{};
  const Vector factor = 0.999f + Vector{};
  Vector term = 0.001f + Vector{};
  for (int64_t n = 0; n < iterations; ++n) {
#pragma GCC unroll 24
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * factor + term;
    asm volatile("" : "+m"(term));
  }
  Vector total = {};
#pragma GCC unroll 24
  for (int i = 0; i < kChains; ++i) total += sums[i];
  *sink = total[0];
  return iterations * kChains * 16;
}

}  // namespace
}  // namespace netdissect
