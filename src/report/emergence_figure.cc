// Figure 9: its series as bars in one order of objects, and what they have to do with each other.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/emergence_report.h"
#include "report/plot.h"

namespace netdissect {
namespace {

Drawing SeriesBars(const std::string& title, const EmergenceResult& result, const Series& values,
                   size_t most, const cv::Scalar& color) {
  std::vector<std::pair<std::string, double>> bars;
  for (size_t i = 0; i < std::min(most, values.size()); ++i) {
    bars.emplace_back(result.objects[i].name, values[i]);
  }
  return DrawBars(title, std::move(bars), color);
}

std::string WithValue(const std::string& what, const CorrelationEstimate& estimate) {
  if (!estimate.pearson) return what + ": no correlation, a series does not vary";
  return fmt::format("{}: r = {:.2f} [{:.2f}, {:.2f}]", what, *estimate.pearson,
                     estimate.interval.low, estimate.interval.high);
}

// Units over one of the other series, the objects with most of either named.
Drawing Scatter(const std::string& title, const std::string& x_text, const EmergenceResult& result,
                const Series& x, const NetworkEmergence& network, const cv::Scalar& color) {
  constexpr size_t kNamed = 6;
  Plot plot;
  plot.title = title;
  plot.x = x_text;
  plot.y = "units, " + network.name;
  plot.width = 440;
  plot.height = 320;
  const double x_most = std::max(1.0, *std::max_element(x.begin(), x.end()));
  const double y_most =
      std::max(1.0, *std::max_element(network.units.begin(), network.units.end()));
  plot.x_low = -0.03 * x_most;  // dots at 0 are whole
  plot.x_high = 1.05 * x_most;
  plot.y_low = -0.04 * y_most;
  plot.y_high = 1.1 * y_most;
  std::vector<size_t> order;
  for (size_t i = 0; i < x.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return x[a] / x_most + network.units[a] / y_most > x[b] / x_most + network.units[b] / y_most;
  });
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const size_t i = order[rank];
    plot.points.push_back(
        {{x[i], network.units[i]}, color, rank < kNamed ? result.objects[i].name : ""});
  }
  return DrawPlot(std::move(plot));
}

// Logarithms of counts over those of their ranks, with the line fitted.
Drawing ZipfPlot(const EmergenceResult& result) {
  Plot plot;
  plot.title = "Object frequency by rank";
  plot.x = "log10 of the rank";
  plot.y = "log10 of the frequency";
  plot.width = 440;
  plot.height = 320;
  const auto ranks = static_cast<double>(result.frequency.size());
  plot.x_high = std::log10(ranks) * 1.05;
  plot.y_high = std::log10(std::max(2.0, result.frequency.front())) * 1.1;
  for (size_t i = 0; i < result.frequency.size(); ++i) {
    if (result.frequency[i] <= 0) continue;
    plot.points.push_back(
        {{std::log10(static_cast<double>(i + 1)), std::log10(result.frequency[i])},
         SeriesColor(0),
         ""});
  }
  if (result.zipf) {
    const auto at = [&](double rank) {
      return cv::Point2d(std::log10(rank), result.zipf->intercept / std::log(10.0) +
                                               result.zipf->slope * std::log10(rank));
    };
    plot.curves.push_back({{at(1), at(ranks)},
                           SeriesColor(1),
                           fmt::format("exponent {:.2f} +- {:.2f}", -result.zipf->slope,
                                       result.zipf->standard_error)});
  }
  return DrawPlot(std::move(plot));
}

}  // namespace

Drawing DrawEmergence(const EmergenceResult& result, size_t most) {
  std::vector<Drawing> columns = {
      SeriesBars("Frequency: instances annotated", result, result.frequency, most, SeriesColor(0))};
  for (const NetworkEmergence& network : result.networks) {
    columns.push_back(
        SeriesBars("Units, " + network.name, result, network.units, most, SeriesColor(2)));
  }
  columns.push_back(SeriesBars("Informative: categories told best", result, result.informative,
                               most, SeriesColor(1)));
  return Framed(Beside(std::move(columns), 16));
}

Drawing DrawCorrelations(const EmergenceResult& result) {
  std::vector<Drawing> rows;
  for (const NetworkEmergence& network : result.networks) {
    rows.push_back(Beside(
        {Scatter(WithValue("Frequency and units", network.frequency_units), "instances annotated",
                 result, result.frequency, network, SeriesColor(0)),
         Scatter(WithValue("Informative and units", network.units_informative),
                 "categories told best", result, result.informative, network, SeriesColor(1))}));
  }
  rows.push_back(ZipfPlot(result));
  return Framed(Stacked(std::move(rows)));
}

}  // namespace netdissect
