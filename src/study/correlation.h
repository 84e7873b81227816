#pragma once
// Correlations of series, and how sure they are. A series without any variation correlates with
// nothing: such a correlation has no value.

#include <cstdint>
#include <optional>
#include <vector>

namespace netdissect {

using Series = std::vector<double>;

/// Pearson's r.
std::optional<double> Pearson(const Series& x, const Series& y);

/// Ranks from 1, of equal values their mean.
Series Ranks(const Series& values);

/// Spearman's rho: Pearson's r of the ranks.
std::optional<double> Spearman(const Series& x, const Series& y);

/// Of x and y given z, from their three correlations: (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 -
/// r_yz^2)).
std::optional<double> PartialCorrelation(std::optional<double> xy, std::optional<double> xz,
                                         std::optional<double> yz);

/// The q-quantile of sorted values, between neighbours on a straight line (R's type 7, numpy's
/// default). `sorted` is not empty.
double Quantile(const Series& sorted, double q);

/// The central 95% of values that bootstrap samples gave. Samples without a value do not count.
struct BootstrapInterval {
  double low = 0, high = 0;
  int samples = 0;    // that had a value; none: no interval
  int undefined = 0;  // that had none
};
BootstrapInterval PercentileInterval(const std::vector<std::optional<double>>& samples);

/// The line through log y over log x by least squares: y = exp(intercept) x^slope.
struct PowerLaw {
  double slope = 0, intercept = 0;
  double standard_error = 0;  // of the slope, as of independent points; 0 of two points
  int points = 0;
};

/// Zipf's law for counts: y the counts that are not 0, in falling order, x their ranks from 1.
/// Nothing of fewer than two, or where all are equal.
std::optional<PowerLaw> FitZipf(Series counts);

}  // namespace netdissect
