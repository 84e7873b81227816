#pragma once
// Products of rows and weights, where nearly all time goes. For row_kernel.h alone, and private to
// the file that includes it, as that is.

#include "nn/rows/rectified.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"

namespace netdissect {
namespace {

typedef float Vector __attribute__((vector_size(64)));
typedef float UnalignedVector __attribute__((vector_size(64), aligned(4)));

// In pieces that registers hold: to compare wider vectors takes single numbers apart.
inline Vector RectifiedWide(const Vector& sum, const Rectification& by) {
  Vector result;
  for (int i = 0; i < 16; i += kLanes) {
    Lanes part;
    __builtin_memcpy(&part, reinterpret_cast<const float*>(&sum) + i, sizeof(part));
    part = Rectified(part, by);
    __builtin_memcpy(reinterpret_cast<float*>(&result) + i, &part, sizeof(part));
  }
  return result;
}

// Products that are added up by themselves, in registers, before their sum is added to the total: a
// sum of thousands one after the other would lose digits.
constexpr int kChain = 256;

inline float* RowOf(const KernelCall& call, int64_t row, float* out) {
  return call.outs != nullptr ? call.outs[row] + call.column : out + row * call.stride;
}

// As many of them as there are columns.
inline void AddTo(float* out, const Vector& sum, int columns) {
  if (columns >= 16) {
    *reinterpret_cast<UnalignedVector*>(out) += sum;
  } else {
    for (int i = 0; i < columns; ++i) out[i] += sum[i];
  }
}

// ROWS x (16 * VECTORS) outputs at once, in registers; with PARTS, of more than a chain.
template <int ROWS, int VECTORS, bool PARTS>
inline void Block(const KernelCall& call, int64_t first, int valid, const float* panel,
                  const float* bias, float* out, int columns) {
  Vector totals[ROWS][VECTORS], sums[ROWS][VECTORS];
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; ++v) {
    const Vector b = *reinterpret_cast<const Vector*>(bias + ptrdiff_t{16} * v);
#pragma GCC unroll 16
    for (int m = 0; m < ROWS; ++m) {
      sums[m][v] = PARTS ? Vector{} : b;
      if constexpr (PARTS) totals[m][v] = b;
    }
  }
  int chained = 0;
  for (int r = 0; r < call.runs; ++r) {
    const float* a[ROWS];
#pragma GCC unroll 16
    for (int m = 0; m < ROWS; ++m) {
      // Rows past the end repeat the last one; they are not written.
      const int64_t row = first + (m < valid ? m : valid - 1);
      a[m] = call.rows[row * call.runs + r] + call.offset;
    }
    for (int begin = 0; begin < call.length;) {
      const int left = kChain - chained, all = call.length - begin;
      const int end = begin + (!PARTS || all < left ? all : left);
      for (int k = begin; k < end; ++k) {
        Vector b[VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; ++v)
          b[v] = *reinterpret_cast<const Vector*>(panel + ptrdiff_t{16} * v);
        panel += ptrdiff_t{16} * VECTORS;
#pragma GCC unroll 16
        for (int m = 0; m < ROWS; ++m) {
          const float value = a[m][k];
#pragma GCC unroll 8
          for (int v = 0; v < VECTORS; ++v) sums[m][v] += value * b[v];
        }
      }
      if constexpr (PARTS) chained += end - begin;
      begin = end;
      if constexpr (PARTS) {
        if (chained < kChain) continue;
        chained = 0;
#pragma GCC unroll 16
        for (int m = 0; m < ROWS; ++m) {
#pragma GCC unroll 8
          for (int v = 0; v < VECTORS; ++v) {
            totals[m][v] += sums[m][v];
            sums[m][v] = Vector{};
          }
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < ROWS; ++m) {
    if (m >= valid) break;
    float* row = RowOf(call, first + m, out);
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; ++v) {
      Vector sum = sums[m][v];
      if constexpr (PARTS) sum += totals[m][v];
      if (call.outs != nullptr) {
        AddTo(row + ptrdiff_t{16} * v, sum, columns - 16 * v);
        continue;
      }
      if (call.rectification.done) sum = RectifiedWide(sum, call.rectification);
      if (16 * (v + 1) <= columns) {
        *reinterpret_cast<UnalignedVector*>(row + ptrdiff_t{16} * v) = sum;
      } else {
        for (int i = 16 * v; i < columns; ++i) row[i] = sum[i - 16 * v];
      }
    }
  }
}

template <int ROWS, int VECTORS>
void Panel(const KernelCall& call, const float* panel, const float* bias, float* out, int columns) {
  const bool in_parts = call.runs * call.length > kChain;
  for (int64_t first = 0; first < call.count; first += ROWS) {
    const int64_t left = call.count - first;
    const int valid = left < ROWS ? static_cast<int>(left) : ROWS;
    if (in_parts) {
      Block<ROWS, VECTORS, true>(call, first, valid, panel, bias, out, columns);
    } else {
      Block<ROWS, VECTORS, false>(call, first, valid, panel, bias, out, columns);
    }
  }
}

// The sum of all: halves upon halves, which do not wait for each other.
inline float TotalOf(const Vector& v) {
  float sums[16];
  __builtin_memcpy(sums, &v, sizeof(sums));
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

// Dot products for a few columns: weights are [column][k], the sum runs over 16 lanes.
inline void Dots(const KernelCall& call, const float* weights, const float* bias, float* out,
                 int columns) {
  for (int64_t m = 0; m < call.count; ++m) {
    float* to = RowOf(call, m, out);
    for (int c = 0; c < columns; ++c) {
      const float* w = weights + c * call.depth;
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
        for (; k + 16 <= call.length; k += 16) {
          lanes[0] += *reinterpret_cast<const UnalignedVector*>(a + k) *
                      *reinterpret_cast<const UnalignedVector*>(w + k);
        }
        for (; k < call.length; ++k) rest += a[k] * w[k];
        w += call.length;
      }
      const float sum = bias[c] + rest + TotalOf(lanes[0] + lanes[1]);
      if (call.outs != nullptr) {
        to[c] += sum;
      } else {
        to[c] = call.rectification.done ? Rectified(sum, call.rectification) : sum;
      }
    }
  }
}

// ROWS x UNITS sums at once, over lanes.
template <int ROWS, int UNITS>
inline void DenseBlock(const DenseCall& call, int64_t row, int rows, int64_t unit, int units) {
  const float* a[ROWS];
  const float* w[UNITS];
#pragma GCC unroll 8
  for (int m = 0; m < ROWS; ++m) a[m] = call.rows + (row + (m < rows ? m : rows - 1)) * call.depth;
#pragma GCC unroll 8
  for (int u = 0; u < UNITS; ++u) {
    w[u] = call.weights + (unit + (u < units ? u : units - 1)) * call.depth;
  }
  Lanes sums[ROWS][UNITS] = {};
  int64_t k = 0;
  for (; k + kLanes <= call.depth; k += kLanes) {
    Lanes b[UNITS];
#pragma GCC unroll 8
    for (int u = 0; u < UNITS; ++u) b[u] = Load(w[u] + k);
#pragma GCC unroll 8
    for (int m = 0; m < ROWS; ++m) {
      const Lanes value = Load(a[m] + k);
#pragma GCC unroll 8
      for (int u = 0; u < UNITS; ++u) sums[m][u] += value * b[u];
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < ROWS; ++m) {
    if (m >= rows) break;
#pragma GCC unroll 8
    for (int u = 0; u < UNITS; ++u) {
      if (u >= units) break;
      float sum = Total(sums[m][u]);
      for (int64_t rest = k; rest < call.depth; ++rest) sum += a[m][rest] * w[u][rest];
      if (call.bias != nullptr) sum += call.bias[unit + u];
      call.out[(row + m) * call.units + unit + u] = sum;
    }
  }
}

inline void Dense(const DenseCall& call, int64_t first, int64_t past) {
  // As many sums as registers hold beside what is multiplied.
  constexpr int kRows = kLanes == 16 ? 4 : 2, kUnits = kLanes == 16 ? 6 : 4;
  for (int64_t unit = first; unit < past; unit += kUnits) {
    const int units = static_cast<int>(past - unit < kUnits ? past - unit : kUnits);
    for (int64_t row = 0; row < call.count; row += kRows) {
      const int rows = static_cast<int>(call.count - row < kRows ? call.count - row : kRows);
      DenseBlock<kRows, kUnits>(call, row, rows, unit, units);
    }
  }
}

// ROWS x (kLanes * VECTORS) channels at once, in registers.
template <int ROWS, int VECTORS>
inline void DepthwiseBlock(const KernelCall& call, int64_t first, int valid, int channel,
                           const float* weights, const float* bias, float* out) {
  Lanes sums[ROWS][VECTORS];
#pragma GCC unroll 4
  for (int v = 0; v < VECTORS; ++v) {
    const Lanes b = Load(bias + channel + ptrdiff_t{kLanes} * v);
#pragma GCC unroll 8
    for (int m = 0; m < ROWS; ++m) sums[m][v] = b;
  }
  const float* const* rows[ROWS];
#pragma GCC unroll 8
  for (int m = 0; m < ROWS; ++m)
    rows[m] = call.rows + (first + (m < valid ? m : valid - 1)) * call.runs;
  const ptrdiff_t offset = call.offset + channel;
  for (int r = 0; r < call.runs; ++r) {
    const float* w = weights + static_cast<ptrdiff_t>(r) * call.length + channel;
    Lanes b[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; ++v) b[v] = Load(w + ptrdiff_t{kLanes} * v);
#pragma GCC unroll 8
    for (int m = 0; m < ROWS; ++m) {
      const float* row = rows[m][r] + offset;
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; ++v) sums[m][v] += Load(row + ptrdiff_t{kLanes} * v) * b[v];
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < ROWS; ++m) {
    if (m >= valid) break;
    float* to = out + (first + m) * call.stride + channel;
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; ++v) {
      const Lanes sum = sums[m][v];
      Store(call.rectification.done ? Rectified(sum, call.rectification) : sum,
            to + ptrdiff_t{kLanes} * v);
    }
  }
}

template <int ROWS, int VECTORS>
void Depthwise(const KernelCall& call, const float* weights, const float* bias, float* out) {
  for (int64_t first = 0; first < call.count; first += ROWS) {
    const int64_t left = call.count - first;
    const int valid = left < ROWS ? static_cast<int>(left) : ROWS;
    int c = 0;
    for (; c + kLanes * VECTORS <= call.length; c += kLanes * VECTORS) {
      DepthwiseBlock<ROWS, VECTORS>(call, first, valid, c, weights, bias, out);
    }
    for (; c + kLanes <= call.length; c += kLanes) {
      DepthwiseBlock<ROWS, 1>(call, first, valid, c, weights, bias, out);
    }
    for (; c < call.length; ++c) {
      for (int m = 0; m < valid; ++m) {
        float sum = bias[c];
        for (int r = 0; r < call.runs; ++r) {
          sum += call.rows[(first + m) * call.runs + r][call.offset + c] *
                 weights[static_cast<ptrdiff_t>(r) * call.length + c];
        }
        out[(first + m) * call.stride + c] =
            call.rectification.done ? Rectified(sum, call.rectification) : sum;
      }
    }
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
