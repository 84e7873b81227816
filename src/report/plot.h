#pragma once
// Plots: what they show as data, and the one drawing of each kind.

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "report/drawing.h"
#include "report/palette.h"

namespace netdissect {

/// Round numbers from `low` to `high` to label an axis by: some 5 multiples of 1, 2 or 5 times a
/// power of ten.
std::vector<double> Ticks(double low, double high);

/// Through the points in their order; what is not a number is a gap. With a name, it is in the
/// legend, which lies in the corner where it hides least.
struct PlotCurve {
  std::vector<cv::Point2d> points;
  cv::Scalar color;
  std::string name;
};

/// From `begin` to `end` on the x axis, from 0 to `value`; a line from `low` to `high` says how
/// uncertain that is, where they differ.
struct PlotBar {
  double begin = 0, end = 0, value = 0;
  cv::Scalar color;
  double low = 0, high = 0;
};

/// A dashed line with its name: across at a height, or from bottom to top at an x.
struct PlotLine {
  double at = 0;
  cv::Scalar color;
  std::string name;
};

/// A dot, with a name beside it where it has one.
struct PlotPoint {
  cv::Point2d at;
  cv::Scalar color;
  std::string name;
};

/// Curves over bars between two axes. What is outside an axis is drawn at its end.
struct Plot {
  std::string title;
  std::string x, y;                // what the axes show
  std::vector<std::string> names;  // below equal parts of the x axis, in place of its numbers
  double x_low = 0, x_high = 1;    // ends of the axes
  double y_low = 0, y_high = 1;
  int width = 560, height = 400;  // pixels
  std::vector<PlotBar> bars;
  std::vector<PlotCurve> curves;
  std::vector<PlotPoint> points;
  std::vector<PlotLine> levels, marks;
};

Drawing DrawPlot(Plot plot);

/// How often values fall into each of `bins` equal steps from `low` to `high`; what lies outside
/// counts at the nearer end. `axes` gives the texts; its ranges are filled in.
Plot Histogram(Plot axes, const std::vector<double>& values, int bins, double low, double high);

/// What bars of one colour show, one in each group: values that are no numbers have no bar.
struct BarSeries {
  std::string name;
  cv::Scalar color;
  std::vector<double> values;
  std::vector<cv::Point2d> intervals;  // from x to y; empty = none
};

/// Bars of several series beside each other, in a group for each name. `axes` gives the texts and
/// the height of the y axis.
Plot GroupedBars(Plot axes, std::vector<std::string> names, const std::vector<BarSeries>& series);

/// A title, and what the colours of several plots stand for: to be put above them. As wide as
/// `width`; what finds no room in a line is in the next one.
Drawing DrawHeading(const std::string& title, const std::vector<BarSeries>& series, double width);

/// Names with bars to the right of them, in the given order, and the numbers at their ends. Of more
/// than 400 the last ones are only counted.
Drawing DrawBars(std::string title, std::vector<std::pair<std::string, double>> bars,
                 const cv::Scalar& color = SeriesColor(0));

}  // namespace netdissect
