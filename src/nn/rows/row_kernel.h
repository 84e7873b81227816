// The kernel of row_product.h for one instruction set: included by one source file for each,
// compiled with that set's flags. Everything is private to that file, so that no code for a newer
// processor can be linked into what an older one runs.

#include "nn/rows/map_kernel.h"
#include "nn/rows/rectified.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"
#include "nn/rows/winograd_kernel.h"

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

// `step(so far, row, tap)` from the first row on, for vectors and single numbers.
template <typename Step>
inline void Accumulate(const float* const* rows, int taps, int count, const Step& step,
                       float* out) {
  int c = 0;
  for (; c + kLanes <= count; c += kLanes) {
    Lanes so_far = Load(rows[0] + c);
    for (int t = 1; t < taps; ++t) so_far = step(so_far, Load(rows[t] + c));
    Store(so_far, out + c);
  }
  for (; c < count; ++c) {
    float so_far = rows[0][c];
    for (int t = 1; t < taps; ++t) so_far = step(so_far, rows[t][c]);
    out[c] = so_far;
  }
}

inline void MaximumOf(const float* const* rows, int taps, int count, float* out) {
  Accumulate(
      rows, taps, count, [](auto best, auto value) { return value > best ? value : best; }, out);
}

inline void MinimumOf(const float* const* rows, int taps, int count, float* out) {
  Accumulate(
      rows, taps, count, [](auto best, auto value) { return value < best ? value : best; }, out);
}

inline void ProductOf(const float* const* rows, int taps, int count, float* out) {
  Accumulate(
      rows, taps, count, [](auto product, auto value) { return product * value; }, out);
}

// coefficient * row[c] over all taps, in parts that are added up by themselves, as Block's are.
template <typename Number, typename At>
inline Number SumAt(int c, const float* const* rows, const float* coefficients, int taps,
                    const At& at) {
  constexpr int kTogether = 32;
  Number total = {};
  for (int begin = 0; begin < taps; begin += kTogether) {
    const int end = begin + kTogether < taps ? begin + kTogether : taps;
    Number part = {};
    if (coefficients == nullptr) {
      for (int t = begin; t < end; ++t) part += at(rows[t] + c);
    } else {
      for (int t = begin; t < end; ++t) part += coefficients[t] * at(rows[t] + c);
    }
    total += part;
  }
  return total;
}

inline void SumOf(const float* const* rows, const float* coefficients, int taps, float factor,
                  int count, float* out) {
  int c = 0;
  for (; c + kLanes <= count; c += kLanes) {
    Store(factor * SumAt<Lanes>(c, rows, coefficients, taps,
                                [](const float* from) { return Load(from); }),
          out + c);
  }
  for (; c < count; ++c) {
    out[c] =
        factor * SumAt<float>(c, rows, coefficients, taps, [](const float* from) { return *from; });
  }
}

// The function of each number of a row; a rest of less than a vector is computed as one.
template <typename Function>
inline void Apply(const float* row, int count, const Function& function, float* out) {
  int c = 0;
  for (; c + kLanes <= count; c += kLanes) Store(function(Load(row + c)), out + c);
  if (c == count) return;
  Lanes rest = Splat(1);
  for (int i = c; i < count; ++i) rest[i - c] = row[i];
  rest = function(rest);
  for (int i = c; i < count; ++i) out[i] = rest[i - c];
}

inline void PointwiseOf(const float* row, const PointwiseCall& call, int count, float* out) {
  using Function = PointwiseFunction;
  const Lanes zero = {}, one = Splat(1), a = Splat(call.a), b = Splat(call.b);
  const auto apply = [&](const auto& function) { Apply(row, count, function, out); };
  switch (call.function) {
    case Function::kSigmoid:
      return apply([&](const Lanes& x) { return Sigmoid(x); });
    case Function::kHardSigmoid:
      return apply([&](const Lanes& x) { return Greater(zero, Less(one, a * x + b)); });
    case Function::kHardSwish:
      return apply([&](const Lanes& x) { return x * Greater(zero, Less(one, x / 6 + 0.5f)); });
    case Function::kSwish:
      return apply([&](const Lanes& x) { return x / (1 + Exp(-x)); });
    case Function::kTanh:
      return apply([&](const Lanes& x) { return Tanh(x); });
    case Function::kElu:
      return apply([&](const Lanes& x) { return x > zero ? x : a * (Exp(x) - 1); });
    case Function::kSelu:
      return apply([&](const Lanes& x) { return b * (x > zero ? x : a * (Exp(x) - 1)); });
    case Function::kGelu:
      return apply([&](const Lanes& x) { return 0.5f * x * (1 + Erf(x * 0.70710678f)); });
    case Function::kGeluTanh:
      return apply([&](const Lanes& x) {
        return 0.5f * x * (1 + Tanh(0.79788456f * (x + 0.044715f * x * x * x)));
      });
    case Function::kSoftplus:
      return apply([&](const Lanes& x) {
        const Lanes z = a * x;
        return z > b ? x : (Greater(z, zero) + LogOnePlus(Exp(-Absolute(z)))) / a;
      });
    case Function::kSoftsign:
      return apply([&](const Lanes& x) { return x / (1 + Absolute(x)); });
    case Function::kClip:
      return apply([&](const Lanes& x) { return Greater(a, Less(b, x)); });
    case Function::kAbs:
      return apply([&](const Lanes& x) { return Absolute(x); });
    case Function::kExp:
      return apply([&](const Lanes& x) { return Exp(x); });
    case Function::kReciprocal:
      return apply([&](const Lanes& x) { return 1 / x; });
    case Function::kErf:
      return apply([&](const Lanes& x) { return Erf(x); });
    case Function::kRound:
      for (int c = 0; c < count; ++c) out[c] = call.a * __builtin_rintf(row[c] / call.a);
      return;
    case Function::kSqrt:
      for (int c = 0; c < count; ++c) out[c] = __builtin_sqrtf(row[c]);
      return;
    case Function::kLog:  // rare, as the next one
      for (int c = 0; c < count; ++c) out[c] = __builtin_logf(row[c]);
      return;
    case Function::kPower:
      for (int c = 0; c < count; ++c) out[c] = __builtin_powf(row[c], call.a);
  }
}

inline void ChannelNormOf(const float* row, const ChannelNormCall& call, int first, int count,
                          float* out) {
  const int channels = call.channels, whole = channels / kLanes * kLanes;
  Lanes sums = {};
  float rest = 0;
  for (int c = 0; c < whole; c += kLanes) sums += Load(row + c);
  for (int c = whole; c < channels; ++c) rest += row[c];
  const float mean = (Total(sums) + rest) / static_cast<float>(channels);
  Lanes squares = {};
  rest = 0;
  for (int c = 0; c < whole; c += kLanes) {
    const Lanes d = Load(row + c) - mean;
    squares += d * d;
  }
  for (int c = whole; c < channels; ++c) rest += (row[c] - mean) * (row[c] - mean);
  const float variance = (Total(squares) + rest) / static_cast<float>(channels);
  const float factor = 1 / __builtin_sqrtf(variance + call.epsilon);
  for (int c = 0; c < count; ++c) out[c] = (row[first + c] - mean) * factor;
  if (call.scale != nullptr) {
    for (int c = 0; c < count; ++c) out[c] *= call.scale[c];
  }
  if (call.shift != nullptr) {
    for (int c = 0; c < count; ++c) out[c] += call.shift[c];
  }
}

inline void Rectify(const float* row, const Rectification& by, int count, float* out) {
  Apply(
      row, count, [&](const Lanes& x) { return Rectified(x, by); }, out);
}

inline void RectifyEach(const float* row, const float* slopes, int count, float* out) {
  const Lanes zero = {};
  int c = 0;
  for (; c + kLanes <= count; c += kLanes) {
    const Lanes x = Load(row + c);
    Store(x > zero ? x : Load(slopes + c) * x, out + c);
  }
  for (; c < count; ++c) out[c] = row[c] > 0 ? row[c] : slopes[c] * row[c];
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
  const int low = before - first > 0 ? before - first : 0;
  const int high = channels - first + before < needed ? channels - first + before : needed;
  for (int i = 0; i < low; ++i) squares[i] = 0;
  for (int i = low; i < high; ++i) {
    const float value = row[first - before + i];
    squares[i] = value * value;
  }
  for (int i = high; i < needed; ++i) squares[i] = 0;
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Lanes sum = {};
    for (int j = 0; j < norm.size; ++j) sum += Load(squares + i + j);
    Store(norm.k + norm.alpha_over_size * sum, out + i);
  }
  for (; i < count; ++i) {
    float sum = 0;
    for (int j = 0; j < norm.size; ++j) sum += squares[i + j];
    out[i] = norm.k + norm.alpha_over_size * sum;
  }
  if (norm.beta == 0.75f) {  // the usual one, without a power
    for (i = 0; i < count; ++i) {
      const float root = __builtin_sqrtf(out[i]);
      out[i] = row[first + i] / (root * __builtin_sqrtf(root));
    }
  } else {
    for (i = 0; i < count; ++i) out[i] = row[first + i] * __builtin_powf(out[i], -norm.beta);
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

// All kernels, for this file's instruction set.
inline RowKernels KernelsWith(const char* name, int most_vectors,
                              decltype(RowKernels::panel) panel) {
  return {name,
          most_vectors,
          panel,
          Dots,
          Dense,
          Depthwise<4, 2>,
          PeakLoop,
          MaximumOf,
          MinimumOf,
          ProductOf,
          SumOf,
          Rectify,
          RectifyEach,
          ScaleAndShift,
          PointwiseOf,
          ChannelNormOf,
          NormalizeAcross,
          Summarize,
          SelectNumbers,
          SweepMaps,
          SplitNumbers,
          WinogradInputOf,
          WinogradOutputOf};
}

}  // namespace
}  // namespace netdissect
