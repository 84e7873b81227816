// The kernels of row_kernels.h for one instruction set: included by one source file for each,
// compiled with that set's flags. Everything is private to that file, so that no code for a newer
// processor can be linked into what an older one runs.

#include "nn/rows/map_kernel.h"
#include "nn/rows/product_kernel.h"
#include "nn/rows/rectified.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"
#include "nn/rows/winograd_kernel.h"

namespace netdissect {
namespace {

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
