#include "study/run_change.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "base/statistics.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

double AverageOf(const Series& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

double ShareOf(const TwoShares::Share& share) {
  return share.total == 0 ? 0 : static_cast<double>(share.count) / static_cast<double>(share.total);
}

Series Differences(const PairedValues& values) {
  Series differences(values.before.size());
  for (size_t i = 0; i < differences.size(); ++i) {
    differences[i] = values.after[i] - values.before[i];
  }
  return differences;
}

// Of the mean, by bootstrap samples of the items. A sample's items spread by (n - 1) / n too
// little, which is made up for.
double BootstrapError(const Series& differences, const ChangeOptions& options) {
  const auto n = static_cast<double>(differences.size());
  double sum = 0, squares = 0;
  const double centre = AverageOf(differences);
  for (int sample = 0; sample < options.resamples; ++sample) {
    Random random(options.seed, sample);
    double total = 0;
    for (size_t i = 0; i < differences.size(); ++i) {
      total += differences[random.Below(differences.size())] - centre;
    }
    sum += total / n;
    squares += total / n * (total / n);
  }
  const double samples = options.resamples;
  const double variance = std::max(0.0, squares / samples - sum / samples * (sum / samples));
  return std::sqrt(variance * n / (n - 1));
}

void Compare(const PairedValues& values, Change& change) {
  if (values.before.size() != values.after.size()) {
    Fail("expected as many values after as before, found {} and {}", values.after.size(),
         values.before.size());
  }
  for (const Series* side : {&values.before, &values.after}) {
    for (double value : *side) {
      if (!std::isfinite(value)) Fail("expected finite values, found {}", value);
    }
  }
  change.before = AverageOf(values.before);
  change.after = AverageOf(values.after);
  change.items = static_cast<int64_t>(values.before.size());
  change.differs = values.before != values.after;
  change.judged = change.items >= kFewestItems;
}

void Compare(const TwoShares& shares, Change& change) {
  for (const TwoShares::Share& share : {shares.before, shares.after}) {
    if (share.count < 0 || share.count > share.total) {
      Fail("expected a count from 0 to {}, found {}", share.total, share.count);
    }
  }
  change.before = ShareOf(shares.before);
  change.after = ShareOf(shares.after);
  change.items = std::min(shares.before.total, shares.after.total);
  change.differs = change.before != change.after;
  change.judged = change.items > 0;
}

void Compare(const TwoCorrelations& two, Change& change) {
  for (const TwoCorrelations::Correlation& each : {two.before, two.after}) {
    if (each.low >= -1 && each.low <= each.value && each.value <= each.high && each.high <= 1) {
      continue;
    }
    Fail("expected a correlation within its interval, found {} and {} .. {}", each.value, each.low,
         each.high);
  }
  change.before = two.before.value;
  change.after = two.after.value;
  change.differs = change.before != change.after;
  change.judged = true;
}

void SetInterval(Change& change, double low, double high) {
  change.low = low;
  change.high = high;
}

// Zou's interval of a difference, from those of both values.
void SetInterval(Change& change, const ProportionInterval& before,
                 const ProportionInterval& after) {
  const double down = std::hypot(change.after - after.low, before.high - change.before);
  const double up = std::hypot(after.high - change.after, change.before - before.low);
  SetInterval(change, change.difference - down, change.difference + up);
}

void SetInterval(const PairedValues& values, double tail, const ChangeOptions& options,
                 Change& change) {
  if (!change.differs) return;
  const Series differences = Differences(values);
  const auto [least, most] = std::minmax_element(differences.begin(), differences.end());
  constexpr double kEqual = 1e-12;
  if (*most - *least <= kEqual * std::abs(change.difference)) {
    // All differ by the same. Were before and after any two draws, the signs of n differences would
    // agree once in 2^(n - 1).
    const bool is_chance =
        std::ldexp(1.0, -static_cast<int>(std::min<int64_t>(change.items, 1000))) > tail;
    const double reach = is_chance ? std::abs(change.difference) : 0;
    SetInterval(change, change.difference - reach, change.difference + reach);
    return;
  }
  const double reach =
      StudentQuantile(tail, change.items - 1) * BootstrapError(differences, options);
  SetInterval(change, change.difference - reach, change.difference + reach);
}

void SetInterval(const TwoShares& shares, double tail, const ChangeOptions&, Change& change) {
  const double quantile = NormalQuantile(tail);
  SetInterval(change, WilsonInterval(shares.before.count, shares.before.total, quantile),
              WilsonInterval(shares.after.count, shares.after.total, quantile));
}

// Fisher's transformation, on which a correlation's interval is nearly even, stretches it to
// another probability. At 1 it has no end: what comes close enough is taken for it.
ProportionInterval Stretched(const TwoCorrelations::Correlation& correlation, double quantile) {
  constexpr double kOwnQuantile = 1.959964;
  const auto transformed = [](double r) {
    constexpr double kClosest = 1 - 1e-12;
    return std::atanh(std::clamp(r, -kClosest, kClosest));
  };
  const double centre = transformed(correlation.value), stretch = quantile / kOwnQuantile;
  return {std::tanh(centre - stretch * (centre - transformed(correlation.low))),
          std::tanh(centre + stretch * (transformed(correlation.high) - centre))};
}

void SetInterval(const TwoCorrelations& two, double tail, const ChangeOptions&, Change& change) {
  const double quantile = NormalQuantile(tail);
  SetInterval(change, Stretched(two.before, quantile), Stretched(two.after, quantile));
}

}  // namespace

void ChangeOptions::Validate() const {
  if (!(tolerance >= 0)) Fail("tolerance: expected 0 or above, found {}", tolerance);
  if (!(false_alarm > 0 && false_alarm < 1)) {
    Fail("false_alarm: expected a probability above 0 and below 1, found {}", false_alarm);
  }
  if (resamples < 2) Fail("resamples: expected at least 2, found {}", resamples);
}

Changes FindChanges(const std::vector<TwoValues>& numbers, const ChangeOptions& options,
                    Observer& observer) {
  options.Validate();
  Changes changes;
  for (const TwoValues& two : numbers) {
    Change change;
    std::visit([&](const auto& values) { Compare(values, change); }, two);
    change.difference = change.after - change.before;
    changes.differing += change.judged && change.differs ? 1 : 0;
    changes.numbers.push_back(change);
  }
  changes.tail =
      options.false_alarm / 2 / static_cast<double>(std::max<int64_t>(1, changes.differing));
  for (size_t i = 0; i < numbers.size(); ++i) {
    CheckStop(observer, "numbers", static_cast<int64_t>(i), static_cast<int64_t>(numbers.size()));
    Change& change = changes.numbers[i];
    if (!change.judged) continue;
    std::visit([&](const auto& values) { SetInterval(values, changes.tail, options, change); },
               numbers[i]);
    const bool is_beyond_noise = change.differs && (change.low > 0 || change.high < 0);
    change.changed = is_beyond_noise &&
                     std::abs(change.difference) > options.tolerance * std::abs(change.before);
    observer.Progress("numbers", static_cast<int64_t>(i) + 1, static_cast<int64_t>(numbers.size()));
  }
  return changes;
}

}  // namespace netdissect
