#pragma once
// Intervals of what is counted, and quantiles that intervals of means are made of.

#include <cstdint>

namespace netdissect {

struct ProportionInterval {
  double low = 0, high = 1;
};

/// Wilson's score interval (1927) of a proportion of which `count` of `total` were seen, at 95%
/// unless another normal quantile is given. 0 to 1 where nothing was.
ProportionInterval WilsonInterval(int64_t count, int64_t total, double quantile = 1.959964);

/// What a standard normal value exceeds with probability `tail`, which is above 0 and below 1.
double NormalQuantile(double tail);

/// The same of Student's t with so many degrees of freedom, at least 1.
double StudentQuantile(double tail, int64_t degrees);

/// The probability that Student's t exceeds `t`, which is at least 0.
double StudentTail(double t, int64_t degrees);

}  // namespace netdissect
