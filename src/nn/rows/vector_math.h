// Functions of 16 numbers at once, to about a unit in the last place: for row_kernel.h alone, and
// private to the file that includes it, as that is. After the Cephes library's single precision
// functions (S. Moshier).

#include <cmath>
#include <cstdint>

namespace netdissect {
namespace {

typedef float Vector __attribute__((vector_size(64)));
typedef float UnalignedVector __attribute__((vector_size(64), aligned(4)));
typedef int32_t IntVector __attribute__((vector_size(64)));

inline Vector Splat(float value) { return value + Vector{}; }
inline Vector Load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
inline void Store(const Vector& value, float* to) {
  *reinterpret_cast<UnalignedVector*>(to) = value;
}
inline Vector FromBits(const IntVector& bits) { return reinterpret_cast<Vector>(bits); }
inline IntVector BitsOf(const Vector& value) { return reinterpret_cast<IntVector>(value); }
inline Vector Greater(const Vector& a, const Vector& b) { return a > b ? a : b; }
inline Vector Less(const Vector& a, const Vector& b) { return a < b ? a : b; }
inline Vector Absolute(const Vector& x) { return FromBits(BitsOf(x) & 0x7fffffff); }

// The sum of all 16, in one order.
inline float Total(const Vector& v) {
  float sum = 0;
  for (int i = 0; i < 16; ++i) sum += v[i];
  return sum;
}

// c[0] x^(n-1) + ... + c[n-1]
template <int COUNT>
inline Vector Polynomial(const Vector& x, const float (&c)[COUNT]) {
  Vector sum = Splat(c[0]);
#pragma GCC unroll 16
  for (int i = 1; i < COUNT; ++i) sum = sum * x + c[i];
  return sum;
}

inline Vector Exp(const Vector& from) {
  // exp(x) = 2^n exp(r), |r| <= log(2) / 2. Beyond the bounds the result is infinite, or 0.
  const Vector x = Less(Greater(from, Splat(-110)), Splat(100));
  const Vector magic = Splat(12582912);  // 1.5 * 2^23: what is added to it is rounded
  const Vector n = (x * 1.44269504088896341f + magic) - magic;
  const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  const Vector p = Polynomial(r, {1.9875691500E-4f, 1.3981999507E-3f, 8.3334519073E-3f,
                                  4.1665795894E-2f, 1.6666665459E-1f, 5.0000001201E-1f});
  // 2^n in two factors, so that neither overflows before the result does.
  const IntVector whole = __builtin_convertvector(n, IntVector);
  const IntVector half = whole >> 1;
  const Vector y = (p * r * r + r + 1) * FromBits((half + 127) << 23);
  const Vector result = y * FromBits((whole - half + 127) << 23);
  return from == from ? result : from;
}

// For numbers above 0 that are no denormals; -infinity at 0, not a number below.
inline Vector Log(const Vector& x) {
  // x = 2^e m, sqrt(1/2) <= m < sqrt(2)
  const IntVector bits = BitsOf(x);
  IntVector exponent = (bits >> 23) - 126;
  Vector m = FromBits((bits & 0x007fffff) | 0x3f000000);  // 0.5 ... 1
  const IntVector small = m < 0.707106781186547524f;
  exponent += small;  // true is -1
  m = small ? m + m : m;
  const Vector f = m - 1;
  const Vector z = f * f;
  const Vector e = __builtin_convertvector(exponent, Vector);
  Vector y = Polynomial(f, {7.0376836292E-2f, -1.1514610310E-1f, 1.1676998740E-1f,
                            -1.2420140846E-1f, 1.4249322787E-1f, -1.6668057665E-1f,
                            2.0000714765E-1f, -2.4999993993E-1f, 3.3333331174E-1f});
  y = y * f * z;
  y += e * -2.12194440e-4f;
  y -= 0.5f * z;
  Vector result = f + y + e * 0.693359375f;
  result = x == Splat(INFINITY) ? x : result;
  result = x == 0 ? Splat(-INFINITY) : result;
  return x >= 0 ? result : Splat(NAN);
}

// log(1 + u) for u of 0 to 1
inline Vector LogOnePlus(const Vector& u) {
  const Vector w = 1 + u;
  const Vector rest = w - 1;
  const Vector safe = rest == 0 ? Splat(1) : rest;
  return rest == 0 ? u : Log(w) * (u / safe);
}

inline Vector Sigmoid(const Vector& x) { return 1 / (1 + Exp(-x)); }

inline Vector Tanh(const Vector& x) {
  const Vector size = Absolute(x), z = x * x;
  const Vector large = 1 - 2 / (Exp(size + size) + 1);
  const Vector small = Polynomial(z, {-5.70498872745E-3f, 2.06390887954E-2f, -5.37397155531E-2f,
                                      1.33314422036E-1f, -3.33332819422E-1f}) *
                           z * x +
                       x;
  const Vector outer = x < 0 ? -large : large;
  return size < 0.625f ? small : outer;
}

inline Vector Erf(const Vector& x) {
  const Vector size = Absolute(x), z = x * x;
  const Vector small =
      x * Polynomial(z, {7.853861353153693E-5f, -8.010193625184903E-4f, 5.188327685732524E-3f,
                         -2.685381193529856E-2f, 1.128358514861418E-1f, -3.761262582423300E-1f,
                         1.128379165726710E+0f});
  // 1 - erfc(size) for what is not small.
  const Vector safe = Greater(size, Splat(1));
  const Vector q = 1 / safe, s = q * q;
  const Vector middle =
      Polynomial(s, {2.326819970068386E-2f, -1.387039388740657E-1f, 3.687424674597105E-1f,
                     -5.824733027278666E-1f, 6.210004621745983E-1f, -4.944515323274145E-1f,
                     3.404879937665872E-1f, -2.741127028184656E-1f, 5.638259427386472E-1f});
  const Vector far =
      Polynomial(s, {-1.047766399936249E+1f, 1.297719955372516E+1f, -7.495518717768503E+0f,
                     2.921019019210786E+0f, -1.015265279202700E+0f, 4.218463358204948E-1f,
                     -2.820767439740514E-1f, 5.641895067754075E-1f});
  const Vector large = 1 - Exp(-safe * safe) * q * (safe < 2 ? middle : far);
  const Vector outer = x < 0 ? -large : large;
  return size < 1 ? small : outer;
}

}  // namespace
}  // namespace netdissect
