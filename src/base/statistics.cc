#include "base/statistics.h"

#include <algorithm>
#include <cmath>

namespace netdissect {

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

}  // namespace netdissect
