#include "base/statistics.h"

#include <algorithm>
#include <cmath>

namespace netdissect {
namespace {

// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by Lentz's
// method: converges fast for x below (a + 1) / (a + b + 2).
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kClose = 1e-15;
  constexpr int kMost = 10000;
  const auto away = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / away(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < kMost; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1) < kClose) break;
  }
  return h;
}

// The regularised incomplete beta function I_x(a, b).
double BetaShare(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a
                                   : 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// Where `tail_of`, which falls, is `tail`, at or above 0.
template <typename Tail>
double WhereTail(double tail, const Tail& tail_of) {
  double low = 0, high = 1;
  while (tail_of(high) > tail && high < 1e300) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    (tail_of(middle) > tail ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace

ProportionInterval WilsonInterval(int64_t count, int64_t total, double quantile) {
  if (total <= 0) return {};
  const auto n = static_cast<double>(total);
  const double p = static_cast<double>(count) / n;
  const double z2 = quantile * quantile;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = quantile / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  // Of none and of all the formula's end is 0 or 1, which the sums above miss by a rounding.
  return {count == 0 ? 0.0 : std::max(0.0, centre - half),
          count == total ? 1.0 : std::min(1.0, centre + half)};
}

double NormalQuantile(double tail) {
  if (tail > 0.5) return -NormalQuantile(1 - tail);
  return WhereTail(tail, [](double z) { return std::erfc(z / std::sqrt(2.0)) / 2; });
}

double StudentTail(double t, int64_t degrees) {
  const auto n = static_cast<double>(degrees);
  return BetaShare(n / 2, 0.5, n / (n + t * t)) / 2;
}

double StudentQuantile(double tail, int64_t degrees) {
  if (tail > 0.5) return -StudentQuantile(1 - tail, degrees);
  return WhereTail(tail, [&](double t) { return StudentTail(t, degrees); });
}

}  // namespace netdissect
