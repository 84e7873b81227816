#include "study/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace netdissect {
namespace {

double Mean(const Series& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Sum of products of deviations from the means.
double Comoment(const Series& x, const Series& y) {
  const double mean_x = Mean(x), mean_y = Mean(y);
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
  return sum;
}

bool IsConstant(const Series& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

}  // namespace

std::optional<double> Pearson(const Series& x, const Series& y) {
  if (IsConstant(x) || IsConstant(y)) return std::nullopt;
  const double r = Comoment(x, y) / std::sqrt(Comoment(x, x) * Comoment(y, y));
  return std::clamp(r, -1.0, 1.0);
}

Series Ranks(const Series& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return values[a] < values[b]; });
  Series ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end + 1) / 2;
    for (; begin < end; ++begin) ranks[order[begin]] = rank;
  }
  return ranks;
}

std::optional<double> Spearman(const Series& x, const Series& y) {
  return Pearson(Ranks(x), Ranks(y));
}

std::optional<double> PartialCorrelation(std::optional<double> xy, std::optional<double> xz,
                                         std::optional<double> yz) {
  if (!xy || !xz || !yz) return std::nullopt;
  const double rest = (1 - *xz * *xz) * (1 - *yz * *yz);
  if (!(rest > 0)) return std::nullopt;
  return std::clamp((*xy - *xz * *yz) / std::sqrt(rest), -1.0, 1.0);
}

double Quantile(const Series& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

BootstrapInterval PercentileInterval(const std::vector<std::optional<double>>& samples) {
  Series values;
  for (const std::optional<double>& sample : samples) {
    if (sample) values.push_back(*sample);
  }
  BootstrapInterval interval;
  interval.samples = static_cast<int>(values.size());
  interval.undefined = static_cast<int>(samples.size() - values.size());
  if (values.empty()) return interval;
  std::sort(values.begin(), values.end());
  interval.low = Quantile(values, 0.025);
  interval.high = Quantile(values, 0.975);
  return interval;
}

std::optional<PowerLaw> FitZipf(Series counts) {
  counts.erase(
      std::remove_if(counts.begin(), counts.end(), [](double count) { return !(count > 0); }),
      counts.end());
  if (counts.size() < 2 || IsConstant(counts)) return std::nullopt;
  std::sort(counts.begin(), counts.end(), std::greater<>());
  Series x, y;
  for (size_t i = 0; i < counts.size(); ++i) {
    x.push_back(std::log(static_cast<double>(i + 1)));
    y.push_back(std::log(counts[i]));
  }
  PowerLaw law;
  law.points = static_cast<int>(x.size());
  const double spread = Comoment(x, x);
  law.slope = Comoment(x, y) / spread;
  law.intercept = Mean(y) - law.slope * Mean(x);
  if (law.points > 2) {
    const double rest = std::max(0.0, Comoment(y, y) - law.slope * Comoment(x, y));
    law.standard_error = std::sqrt(rest / (law.points - 2) / spread);
  }
  return law;
}

}  // namespace netdissect
