#include "netdissect/base/statistics.h"

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
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace netdissect
