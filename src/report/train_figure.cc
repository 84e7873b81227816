// The curve of a training as a picture: loss above, accuracy below.

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>

#include "netdissect/base/error.h"
#include "netdissect/report/train_report.h"

namespace netdissect {
namespace {

constexpr int kWidth = 640, kHeight = 220;                       // of a plot, pixels
constexpr int kLeft = 56, kRight = 96, kTop = 14, kBottom = 30;  // margins
const cv::Scalar kInk(40, 40, 40), kGrid(225, 225, 225);
const cv::Scalar kBlue(180, 110, 30), kOrange(30, 120, 230), kGrey(150, 150, 150);

struct Curve {
  std::string name;
  cv::Scalar color;
  std::vector<double> values;  // one for each epoch; NaN = none
};

void Write(cv::Mat& plot, const std::string& text, cv::Point at, const cv::Scalar& color) {
  cv::putText(plot, text, at, cv::FONT_HERSHEY_SIMPLEX, 0.4, color, 1, cv::LINE_AA);
}

// A round step that makes about `count` of `range`: 1, 2 or 5 times a power of ten.
double RoundStep(double range, int count) {
  const double rough = range / count, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

cv::Mat Plot(const std::vector<Curve>& curves, double top,
             const std::function<std::string(double)>& label) {
  cv::Mat plot(kHeight, kWidth, CV_8UC3, cv::Scalar(255, 255, 255));
  const auto epochs = static_cast<int>(curves.front().values.size());
  const auto at = [&](double epoch, double value) {
    const double across = epochs < 2 ? 0.5 : (epoch - 1) / (epochs - 1);
    return cv::Point(kLeft + static_cast<int>(std::lround(across * (kWidth - kLeft - kRight))),
                     kHeight - kBottom -
                         static_cast<int>(std::lround(value / top * (kHeight - kTop - kBottom))));
  };
  const double step = RoundStep(top, 4);
  for (int i = 0; i * step <= top * (1 + 1e-9); ++i) {
    const cv::Point left = at(1, i * step);
    cv::line(plot, {kLeft, left.y}, {kWidth - kRight, left.y}, kGrid);
    Write(plot, label(i * step), {8, left.y + 4}, kInk);
  }
  const double every = std::max(1.0, RoundStep(epochs, 6));
  for (double epoch = every; epoch <= epochs; epoch += every) {
    const cv::Point bottom = at(epoch, 0);
    cv::line(plot, bottom, {bottom.x, bottom.y + 4}, kInk);
    Write(plot, fmt::format("{:.0f}", epoch), {bottom.x - 8, bottom.y + 18}, kInk);
  }
  int label_y = -100;
  for (const Curve& curve : curves) {
    cv::Point last;
    for (int i = 0; i < epochs; ++i) {
      const double value = curve.values[static_cast<size_t>(i)];
      if (std::isnan(value)) continue;
      const cv::Point point = at(i + 1, std::min(value, top));
      if (last != cv::Point()) cv::line(plot, last, point, curve.color, 2, cv::LINE_AA);
      if (epochs == 1) cv::circle(plot, point, 3, curve.color, cv::FILLED, cv::LINE_AA);
      last = point;
    }
    if (last == cv::Point()) continue;
    // Names stand where their curves end, one below another where these meet.
    if (std::abs(last.y - label_y) < 14) last.y = label_y + 14;
    label_y = last.y;
    Write(plot, curve.name, {kWidth - kRight + 8, last.y + 4}, curve.color);
  }
  return plot;
}

}  // namespace

cv::Mat DrawCurve(const TrainResult& result, const std::string& title) {
  Curve loss{"loss", kInk, {}}, train{"training", kGrey, {}};
  Curve first{"top-1", kOrange, {}}, fifth{"top-5", kBlue, {}};
  for (const EpochRecord& epoch : result.epochs) {
    loss.values.push_back(epoch.loss);
    train.values.push_back(epoch.train_top1);
    first.values.push_back(epoch.top1);
    fifth.values.push_back(epoch.top5);
  }
  if (loss.values.empty()) loss.values.push_back(0);
  const double largest = *std::max_element(loss.values.begin(), loss.values.end());
  const double step = RoundStep(std::max(largest, 1e-3), 4);
  const cv::Mat above = Plot({loss}, step * std::ceil(std::max(largest, 1e-3) / step),
                             [](double value) { return fmt::format("{:.3g}", value); });
  if (result.epochs.empty()) return Framed(Captioned(above, title));
  const cv::Mat below = Plot({fifth, first, train}, 1,
                             [](double value) { return fmt::format("{:.0f}%", 100 * value); });
  return Framed(Captioned(Column({Captioned(above, "loss, by epoch", 0.4),
                                  Captioned(below, "accuracy, by epoch", 0.4)}),
                          title));
}

}  // namespace netdissect
