#pragma once
// Functions of as many numbers at once as a register holds, to about a unit in the last place: for
// row_kernel.h alone, and private to the file that includes it, as that is. After the Cephes
// library's single precision functions (S. Moshier).

#include <cmath>
#include <cstdint>

namespace netdissect {
namespace {

// Wider ones would be taken apart into single numbers where they are compared or converted.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Lanes __attribute__((vector_size(4 * kLanes)));
typedef float UnalignedLanes __attribute__((vector_size(4 * kLanes), aligned(4)));
typedef int32_t IntLanes __attribute__((vector_size(4 * kLanes)));

inline Lanes Splat(float value) { return value + Lanes{}; }
inline Lanes Load(const float* from) { return *reinterpret_cast<const UnalignedLanes*>(from); }
inline void Store(const Lanes& value, float* to) { *reinterpret_cast<UnalignedLanes*>(to) = value; }
inline Lanes FromBits(const IntLanes& bits) { return reinterpret_cast<Lanes>(bits); }
inline IntLanes BitsOf(const Lanes& value) { return reinterpret_cast<IntLanes>(value); }
inline Lanes Greater(const Lanes& a, const Lanes& b) { return a > b ? a : b; }
inline Lanes Less(const Lanes& a, const Lanes& b) { return a < b ? a : b; }
inline Lanes Absolute(const Lanes& x) { return FromBits(BitsOf(x) & 0x7fffffff); }

// The sum of all, in one order.
inline float Total(const Lanes& v) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += v[i];
  return sum;
}

// c[0] x^(n-1) + ... + c[n-1]
template <int COUNT>
inline Lanes Polynomial(const Lanes& x, const float (&c)[COUNT]) {
  Lanes sum = Splat(c[0]);
#pragma GCC unroll 16
  for (int i = 1; i < COUNT; ++i) sum = sum * x + c[i];
  return sum;
}

inline Lanes Exp(const Lanes& from) {
  // exp(x) = 2^n exp(r), |r| <= log(2) / 2. Beyond the bounds the result is infinite, or 0.
  const Lanes x = Less(Greater(from, Splat(-110)), Splat(100));
  const Lanes magic = Splat(12582912);  // 1.5 * 2^23: what is added to it is rounded
  const Lanes n = (x * 1.44269504088896341f + magic) - magic;
  const Lanes r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  const Lanes p = Polynomial(r, {1.9875691500E-4f, 1.3981999507E-3f, 8.3334519073E-3f,
                                 4.1665795894E-2f, 1.6666665459E-1f, 5.0000001201E-1f});
  // 2^n in two factors, so that neither overflows before the result does.
  const IntLanes whole = __builtin_convertvector(n, IntLanes);
  const IntLanes half = whole >> 1;
  const Lanes y = (p * r * r + r + 1) * FromBits((half + 127) << 23);
  const Lanes result = y * FromBits((whole - half + 127) << 23);
  return from == from ? result : from;
}

// For numbers above 0 that are no denormals; -infinity at 0, not a number below.
inline Lanes Log(const Lanes& x) {
  // x = 2^e m, sqrt(1/2) <= m < sqrt(2)
  const IntLanes bits = BitsOf(x);
  IntLanes exponent = (bits >> 23) - 126;
  Lanes m = FromBits((bits & 0x007fffff) | 0x3f000000);  // 0.5 ... 1
  const IntLanes small = m < 0.707106781186547524f;
  exponent += small;  // true is -1
  m = small ? m + m : m;
  const Lanes f = m - 1;
  const Lanes z = f * f;
  const Lanes e = __builtin_convertvector(exponent, Lanes);
  Lanes y = Polynomial(f, {7.0376836292E-2f, -1.1514610310E-1f, 1.1676998740E-1f, -1.2420140846E-1f,
                           1.4249322787E-1f, -1.6668057665E-1f, 2.0000714765E-1f, -2.4999993993E-1f,
                           3.3333331174E-1f});
  y = y * f * z;
  y += e * -2.12194440e-4f;
  y -= 0.5f * z;
  Lanes result = f + y + e * 0.693359375f;
  result = x == Splat(INFINITY) ? x : result;
  result = x == 0 ? Splat(-INFINITY) : result;
  return x >= 0 ? result : Splat(NAN);
}

// log(1 + u) for u of 0 to 1
inline Lanes LogOnePlus(const Lanes& u) {
  const Lanes w = 1 + u;
  const Lanes rest = w - 1;
  const Lanes safe = rest == 0 ? Splat(1) : rest;
  return rest == 0 ? u : Log(w) * (u / safe);
}

inline Lanes Sigmoid(const Lanes& x) { return 1 / (1 + Exp(-x)); }

inline Lanes Tanh(const Lanes& x) {
  const Lanes size = Absolute(x), z = x * x;
  const Lanes large = 1 - 2 / (Exp(size + size) + 1);
  const Lanes small = Polynomial(z, {-5.70498872745E-3f, 2.06390887954E-2f, -5.37397155531E-2f,
                                     1.33314422036E-1f, -3.33332819422E-1f}) *
                          z * x +
                      x;
  const Lanes outer = x < 0 ? -large : large;
  return size < 0.625f ? small : outer;
}

inline Lanes Erf(const Lanes& x) {
  const Lanes size = Absolute(x), z = x * x;
  const Lanes small =
      x * Polynomial(z, {7.853861353153693E-5f, -8.010193625184903E-4f, 5.188327685732524E-3f,
                         -2.685381193529856E-2f, 1.128358514861418E-1f, -3.761262582423300E-1f,
                         1.128379165726710E+0f});
  // 1 - erfc(size) for what is not small.
  const Lanes safe = Greater(size, Splat(1));
  const Lanes q = 1 / safe, s = q * q;
  const Lanes middle =
      Polynomial(s, {2.326819970068386E-2f, -1.387039388740657E-1f, 3.687424674597105E-1f,
                     -5.824733027278666E-1f, 6.210004621745983E-1f, -4.944515323274145E-1f,
                     3.404879937665872E-1f, -2.741127028184656E-1f, 5.638259427386472E-1f});
  const Lanes far =
      Polynomial(s, {-1.047766399936249E+1f, 1.297719955372516E+1f, -7.495518717768503E+0f,
                     2.921019019210786E+0f, -1.015265279202700E+0f, 4.218463358204948E-1f,
                     -2.820767439740514E-1f, 5.641895067754075E-1f});
  const Lanes large = 1 - Exp(-safe * safe) * q * (safe < 2 ? middle : far);
  const Lanes outer = x < 0 ? -large : large;
  return size < 1 ? small : outer;
}

}  // namespace
}  // namespace netdissect
