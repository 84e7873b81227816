#pragma once
// What changed between two runs beyond the noise, of many numbers at once.
//
// A mean over units or images that both runs have is compared in pairs: the difference is the mean
// of d_i = after_i - before_i, its standard error that of 2,000 bootstrap samples of the items, and
// its interval
//
//   difference +- t * error,   t = Student's quantile at 1 - E / (2 M), items - 1 degrees of
//   freedom
//
// where M is how many numbers differ at all: by Bonferroni the probability that any number without
// a true difference is reported is at most E (5%), however many are compared. The quantile is
// Student's since 2,000 samples do not hold what happens once in 10,000. Numbers that are equal
// item by item cannot be reported, so that they do not count (Tarone 1990). Whatever makes two runs
// of one study differ, such as their seed, is in the spread of d.
//
// What was measured on other items in each run is not paired: shares of what was counted have
// Newcombe's interval (1998, method 10), correlations the one that their own intervals give by the
// same construction (Zou 2007), at the same quantile.

#include <cstdint>
#include <variant>
#include <vector>

#include "netdissect/base/observer.h"
#include "study/correlation.h"

namespace netdissect {

struct ChangeOptions {
  double tolerance = 0.01;    // of the value before: a change is larger
  double false_alarm = 0.05;  // probability of any change reported where nothing changed
  int resamples = 2000;       // of the bootstrap
  uint64_t seed = 1;          // of the bootstrap, not of the runs

  /// Error where an option is out of range.
  void Validate() const;
};

/// Values of the same items, in the same order.
struct PairedValues {
  Series before, after;
};

/// What was counted, on other items in each run.
struct TwoShares {
  struct Share {
    int64_t count = 0, total = 0;
  };
  Share before, after;
};

/// Correlations with their own intervals, at 95%.
struct TwoCorrelations {
  struct Correlation {
    double value = 0, low = -1, high = 1;
  };
  Correlation before, after;
};

using TwoValues = std::variant<PairedValues, TwoShares, TwoCorrelations>;

struct Change {
  double before = 0, after = 0, difference = 0;
  int64_t items = 0;         // compared: in both runs, or of the smaller; 0 of correlations
  bool differs = false;      // in any item
  bool judged = false;       // has an interval
  double low = 0, high = 0;  // of the difference, at 1 - false_alarm for all numbers together
  bool changed = false;      // the interval is without 0, and the difference above the tolerance
};

struct Changes {
  std::vector<Change> numbers;  // as they were given
  int64_t differing = 0;        // M: those that intervals allow for
  double tail = 0;              // E / (2 M), on each side of an interval; E / 2 where M is 0
};

/// A mean over fewer items than this is not judged: nothing says how it spreads.
constexpr int64_t kFewestItems = 3;

/// Error where items are missing on one side or a value is not finite.
Changes FindChanges(const std::vector<TwoValues>& numbers, const ChangeOptions& options = {},
                    Observer& observer = Silent());

}  // namespace netdissect
