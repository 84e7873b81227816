#pragma once
// Intervals of what is counted.

#include <cstdint>

namespace netdissect {

struct ProportionInterval {
  double low = 0, high = 1;
};

/// Wilson's score interval (1927) of a proportion of which `count` of `total` were seen, at 95%
/// unless another normal quantile is given. 0 to 1 where nothing was.
ProportionInterval WilsonInterval(int64_t count, int64_t total, double quantile = 1.959964);

}  // namespace netdissect
