#include "report/sensitivity_report.h"

#include <fmt/format.h>

#include <cmath>

#include "report/plot.h"

namespace netdissect {
namespace {

Drawing LayerPlot(const std::string& title, const LayerFields& layer, const FieldOptions& options) {
  const std::vector<int> counts = SensitivityCounts(options.k);
  Plot plot;
  plot.title = title;
  plot.x = "threshold, share of the largest discrepancy";
  plot.y = "mean size, pixels";
  plot.x_high = kSensitivityThresholds.back();
  plot.width = 420;
  plot.height = 320;
  double largest = 0;
  for (size_t j = 0; j < counts.size(); ++j) {
    PlotCurve curve;
    curve.color = SeriesColor(j);
    curve.name = fmt::format("{} images", counts[j]);
    for (size_t i = 0; i < kSensitivityThresholds.size(); ++i) {
      const double mean = layer.MeanAt(i, j);
      curve.points.emplace_back(kSensitivityThresholds[i], mean);
      if (!std::isnan(mean)) largest = std::max(largest, mean);
    }
    plot.curves.push_back(std::move(curve));
  }
  plot.y_high = largest > 0 ? largest * 1.08 : 1;
  plot.marks.push_back({options.threshold, MutedColor(), fmt::format("{:.2g}", options.threshold)});
  return DrawPlot(std::move(plot));
}

}  // namespace

Json SensitivityJson(const LayerFields& layer, int k) {
  const std::vector<int> counts = SensitivityCounts(k);
  Json means = Json::array();
  for (size_t i = 0; i < kSensitivityThresholds.size(); ++i) {
    Json row = Json::array();
    for (size_t j = 0; j < counts.size(); ++j) row.push_back(layer.MeanAt(i, j));
    means.push_back(std::move(row));
  }
  return {{"thresholds", kSensitivityThresholds}, {"k", counts}, {"mean", std::move(means)}};
}

Table SensitivityTable(const std::vector<NetworkFields>& networks, int k) {
  const std::vector<int> counts = SensitivityCounts(k);
  Table table;
  table.header = {"network", "layer", "threshold"};
  for (const int count : counts) table.header.push_back(fmt::format("k = {}", count));
  for (const NetworkFields& network : networks) {
    for (const LayerFields& layer : network.layers) {
      for (size_t i = 0; i < kSensitivityThresholds.size(); ++i) {
        std::vector<std::string> row = {network.network, layer.name,
                                        fmt::format("{:.2f}", kSensitivityThresholds[i])};
        for (size_t j = 0; j < counts.size(); ++j) {
          const double mean = layer.MeanAt(i, j);
          row.push_back(std::isnan(mean) ? "-" : fmt::format("{:.1f}", mean));
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  return table;
}

Drawing DrawSensitivity(const std::vector<NetworkFields>& networks, const FieldOptions& options) {
  std::vector<Drawing> rows;
  for (const NetworkFields& network : networks) {
    std::vector<Drawing> plots;
    for (const LayerFields& layer : network.layers) {
      plots.push_back(LayerPlot(network.network + ", " + layer.name, layer, options));
    }
    rows.push_back(Beside(std::move(plots)));
  }
  return Framed(Stacked(std::move(rows)));
}

}  // namespace netdissect
