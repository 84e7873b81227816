#pragma once
// Plots as pictures (8-bit BGR on white): curves, bars and histograms, drawn at twice their size
// and reduced, so that lines and letters are smooth.

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

namespace netdissect {

struct PlotAxes {
  std::string title;
  std::string x, y;              // what the axes show
  double x_low = 0, x_high = 1;  // ends of the axes
  double y_low = 0, y_high = 1;
  int width = 560, height = 400;  // pixels of the picture
  bool legend_below = false;      // in the lower right corner, for curves that rise
};

/// Round numbers from `low` to `high` to label an axis by: some 5 multiples of 1, 2 or 5 times a
/// power of ten.
std::vector<double> Ticks(double low, double high);

/// The color of the i-th curve: told apart by people who see fewer colors too (Okabe and Ito).
cv::Scalar SeriesColor(size_t i);

/// A plot with axes, grid and legend; what is added later lies on top.
class Plot {
 public:
  explicit Plot(PlotAxes axes);

  /// A curve through the points; with a name, it is in the legend.
  void Line(const std::vector<cv::Point2d>& points, const cv::Scalar& color,
            const std::string& name = "");

  /// A bar from `begin` to `end` on the x axis, from 0 to `value`.
  void Bar(double begin, double end, double value, const cv::Scalar& color);

  /// A dashed line across, at y, with its name at the right.
  void Level(double y, const cv::Scalar& color, const std::string& name);

  /// A dashed line from bottom to top, at x, with its name at its head.
  void Mark(double x, const cv::Scalar& color, const std::string& name);

  cv::Mat Draw() const;

 private:
  cv::Point2d At(double x, double y) const;
  void DrawFrame();
  void DrawLegend(cv::Mat& canvas) const;

  PlotAxes axes_;
  cv::Rect2d inside_;  // of the axes, pixels of the large canvas
  cv::Mat canvas_;     // twice the size of the picture
  std::vector<std::pair<std::string, cv::Scalar>> legend_;
};

/// How often values fall into each of `bins` equal steps from `low` to `high`; what lies outside
/// counts at the nearer end. `axes` gives the texts; its ranges are filled in.
cv::Mat HistogramPlot(PlotAxes axes, const std::vector<double>& values, int bins, double low,
                      double high);

/// Names with bars to the right of them, in the given order, and the numbers at their ends.
cv::Mat BarPlot(const std::string& title, const std::vector<std::pair<std::string, double>>& bars,
                const cv::Scalar& color = SeriesColor(0));

}  // namespace netdissect
