// The curve of a training as a picture: loss above, accuracy below.

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/plot.h"
#include "train_report.h"

namespace netdissect {
namespace {

constexpr int kWidth = 640, kHeight = 300;  // of a plot, pixels

Plot AxesOf(const TrainResult& result, const std::string& title, const std::string& y, double top) {
  Plot axes;
  axes.title = title;
  axes.x = "epoch";
  axes.y = y;
  axes.x_low = 1;
  axes.x_high = std::max(2.0, static_cast<double>(result.epochs.size()));
  axes.y_high = top;
  axes.width = kWidth;
  axes.height = kHeight;
  return axes;
}

// A value of every epoch; epochs that have none (NaN) are left out.
void AddCurve(Plot& plot, const TrainResult& result, double EpochRecord::*value,
              const cv::Scalar& color, const std::string& name) {
  PlotCurve curve;
  curve.color = color;
  curve.name = name;
  for (size_t i = 0; i < result.epochs.size(); ++i) {
    const double y = result.epochs[i].*value;
    if (std::isfinite(y)) curve.points.emplace_back(static_cast<double>(i + 1), y);
  }
  if (!curve.points.empty()) plot.curves.push_back(std::move(curve));
}

}  // namespace

Drawing DrawCurve(const TrainResult& result, const std::string& title) {
  double largest = 1e-3;
  for (const EpochRecord& epoch : result.epochs) {
    if (std::isfinite(epoch.loss)) largest = std::max(largest, epoch.loss);
  }
  Plot loss = AxesOf(result, title, "loss", 1.05 * largest);
  AddCurve(loss, result, &EpochRecord::loss, SeriesColor(3), "training");
  Plot accuracy = AxesOf(result, "", "accuracy", 1);
  AddCurve(accuracy, result, &EpochRecord::top5, SeriesColor(0), "top-5, held out");
  AddCurve(accuracy, result, &EpochRecord::top1, SeriesColor(1), "top-1, held out");
  AddCurve(accuracy, result, &EpochRecord::train_top1, SeriesColor(3), "top-1, training");
  return Stacked({DrawPlot(std::move(loss)), DrawPlot(std::move(accuracy))});
}

}  // namespace netdissect
