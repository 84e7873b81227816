#pragma once
// The transforms of Winograd's F(2 x 2, 3 x 3): for row_kernel.h alone, and private to the file
// that includes it, as that is.

#include "nn/rows/rectified.h"
#include "nn/rows/row_kernels.h"
#include "nn/rows/vector_math.h"

namespace netdissect {
namespace {

// B' d B, of 4 x 4 numbers.
template <typename Number>
inline void TransformPatch(Number (&d)[4][4]) {
  const auto transform = [](Number& a, Number& b, Number& c, Number& e) {
    const Number first = a - c, second = b + c, third = c - b, last = b - e;
    a = first;
    b = second;
    c = third;
    e = last;
  };
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) transform(d[0][i], d[1][i], d[2][i], d[3][i]);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) transform(d[i][0], d[i][1], d[i][2], d[i][3]);
}

// A' m A, of 4 x 4 numbers: 2 x 2.
template <typename Number>
inline void TransformBack(const Number (&m)[4][4], Number (&y)[2][2]) {
  Number half[2][4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    half[0][i] = m[0][i] + m[1][i] + m[2][i];
    half[1][i] = m[1][i] - m[2][i] - m[3][i];
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    y[i][0] = half[i][0] + half[i][1] + half[i][2];
    y[i][1] = half[i][1] - half[i][2] - half[i][3];
  }
}

inline void WinogradInputOf(const float* const* rows, int count, float* out, ptrdiff_t apart) {
  int c = 0;
  for (; c + kLanes <= count; c += kLanes) {
    Lanes d[4][4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) d[i / 4][i % 4] = Load(rows[i] + c);
    TransformPatch(d);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) Store(d[i / 4][i % 4], out + i * apart + c);
  }
  for (; c < count; ++c) {
    float d[4][4];
    for (int i = 0; i < 16; ++i) d[i / 4][i % 4] = rows[i][c];
    TransformPatch(d);
    for (int i = 0; i < 16; ++i) out[i * apart + c] = d[i / 4][i % 4];
  }
}

inline void WinogradOutputOf(const WinogradOutput& call) {
  int c = 0;
  for (; c + kLanes <= call.count; c += kLanes) {
    Lanes m[4][4], y[2][2];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) m[i / 4][i % 4] = Load(call.values + i * call.apart + c);
    TransformBack(m, y);
    const Lanes bias = Load(call.bias + c);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const Lanes sum = y[i / 2][i % 2] + bias;
      Store(call.rectification.done ? Rectified(sum, call.rectification) : sum, call.out[i] + c);
    }
  }
  for (; c < call.count; ++c) {
    float m[4][4], y[2][2];
    for (int i = 0; i < 16; ++i) m[i / 4][i % 4] = call.values[i * call.apart + c];
    TransformBack(m, y);
    for (int i = 0; i < 4; ++i) {
      const float sum = y[i / 2][i % 2] + call.bias[c];
      call.out[i][c] = call.rectification.done ? Rectified(sum, call.rectification) : sum;
    }
  }
}

}  // namespace
}  // namespace netdissect
