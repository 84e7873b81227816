#include "netdissect/report/plot.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "netdissect/base/error.h"
#include "netdissect/report/figure.h"

namespace netdissect {
namespace {

constexpr int kFine = 2;                // the canvas is this much larger than the picture
constexpr double kText = 0.42 * kFine;  // height of letters, as OpenCV scales its font
constexpr double kTitle = 0.5 * kFine;
constexpr int kShift = 4;  // bits of a pixel's fraction
const cv::Scalar kGrid(228, 228, 228), kAxis(140, 140, 140);

cv::Size TextSize(const std::string& text, double scale) {
  int baseline = 0;
  return cv::getTextSize(text, kFont, scale, kFine, &baseline);
}

// `align`: 0 begins at the point, 0.5 is centred on it, 1 ends there.
void Write(cv::Mat& canvas, const std::string& text, const cv::Point2d& at, double align,
           double scale, const cv::Scalar& color) {
  const cv::Point corner(static_cast<int>(std::lround(at.x - align * TextSize(text, scale).width)),
                         static_cast<int>(std::lround(at.y)));
  cv::putText(canvas, text, corner, kFont, scale, color, kFine, cv::LINE_AA);
}

cv::Point Fixed(const cv::Point2d& at) {
  return {static_cast<int>(std::lround(at.x * (1 << kShift))),
          static_cast<int>(std::lround(at.y * (1 << kShift)))};
}

void Stroke(cv::Mat& canvas, const cv::Point2d& a, const cv::Point2d& b, const cv::Scalar& color,
            int thickness) {
  cv::line(canvas, Fixed(a), Fixed(b), color, thickness, cv::LINE_AA, kShift);
}

void Dashed(cv::Mat& canvas, const cv::Point2d& a, const cv::Point2d& b, const cv::Scalar& color) {
  constexpr double kDash = 6 * kFine;
  const double length = cv::norm(b - a);
  for (double at = 0; at < length; at += 2 * kDash) {
    const double end = std::min(at + kDash, length);
    Stroke(canvas, a + (b - a) * (at / length), a + (b - a) * (end / length), color, kFine);
  }
}

// "0.2", "1500", "1e-05": as short as it is exact enough for a label.
std::string Label(double value) {
  return fmt::format("{:.6g}", std::abs(value) < 1e-12 ? 0 : value);
}

cv::Mat Reduced(const cv::Mat& canvas) {
  cv::Mat picture;
  cv::resize(canvas, picture, {canvas.cols / kFine, canvas.rows / kFine}, 0, 0, cv::INTER_AREA);
  return picture;
}

}  // namespace

std::vector<double> Ticks(double low, double high) {
  constexpr double kWanted = 5;
  const double raw = (high - low) / kWanted;
  if (!(raw > 0) || !std::isfinite(raw)) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= raw * 0.999) step = factor * power;
  }
  std::vector<double> ticks;
  const auto first = static_cast<int64_t>(std::ceil(low / step - 1e-9));
  for (int64_t i = first; static_cast<double>(i) * step <= high + 1e-9 * step; ++i) {
    ticks.push_back(static_cast<double>(i) * step);
  }
  return ticks;
}

cv::Scalar SeriesColor(size_t i) {
  static const cv::Scalar kColors[] = {
      // blue, vermilion, green, purple, orange, sky
      {178, 114, 0}, {0, 94, 213}, {115, 158, 0}, {167, 121, 204}, {0, 159, 230}, {233, 180, 86}};
  return kColors[i % std::size(kColors)];
}

Plot::Plot(PlotAxes axes) : axes_(std::move(axes)) {
  if (!(axes_.x_low < axes_.x_high) || !(axes_.y_low < axes_.y_high) || axes_.width < 200 ||
      axes_.height < 150) {
    Fail(
        "plot {}: expected rising axes and at least 200 x 150 pixels, found {} to {}, {} to {}, {} "
        "x {}",
        axes_.title, axes_.x_low, axes_.x_high, axes_.y_low, axes_.y_high, axes_.width,
        axes_.height);
  }
  double labels = 0;  // widest number beside the y axis
  for (const double tick : Ticks(axes_.y_low, axes_.y_high)) {
    labels = std::max<double>(labels, TextSize(Label(tick), kText).width);
  }
  const double left = labels + 18 * kFine, top = (axes_.y.empty() ? 40 : 56) * kFine;
  inside_ = {left, top, axes_.width * kFine - left - 18 * kFine,
             axes_.height * kFine - top - 50 * kFine};
  canvas_ = cv::Mat(axes_.height * kFine, axes_.width * kFine, CV_8UC3, WhiteColor());
  DrawFrame();
}

cv::Point2d Plot::At(double x, double y) const {
  const auto share = [](double value, double low, double high) {
    return std::clamp((value - low) / (high - low), 0.0, 1.0);
  };
  return {inside_.x + inside_.width * share(x, axes_.x_low, axes_.x_high),
          inside_.y + inside_.height * (1 - share(y, axes_.y_low, axes_.y_high))};
}

void Plot::DrawFrame() {
  Write(canvas_, axes_.title, {inside_.x, 24.0 * kFine}, 0, kTitle, TextColor());
  const double bottom = inside_.y + inside_.height, right = inside_.x + inside_.width;
  for (const double tick : Ticks(axes_.x_low, axes_.x_high)) {
    const cv::Point2d at = At(tick, axes_.y_low);
    Stroke(canvas_, {at.x, inside_.y}, at, kGrid, kFine);
    Write(canvas_, Label(tick), {at.x, bottom + 17 * kFine}, 0.5, kText, TextColor());
  }
  for (const double tick : Ticks(axes_.y_low, axes_.y_high)) {
    const cv::Point2d at = At(axes_.x_low, tick);
    Stroke(canvas_, at, {right, at.y}, kGrid, kFine);
    Write(canvas_, Label(tick), {at.x - 7 * kFine, at.y + 5 * kFine}, 1, kText, TextColor());
  }
  Stroke(canvas_, {inside_.x, bottom}, {right, bottom}, kAxis, kFine);
  Stroke(canvas_, {inside_.x, inside_.y}, {inside_.x, bottom}, kAxis, kFine);
  Write(canvas_, axes_.x, {inside_.x + inside_.width / 2, bottom + 38 * kFine}, 0.5, kText,
        TextColor());
  // Above its axis rather than along it: it is read without turning the head.
  Write(canvas_, axes_.y, {inside_.x, inside_.y - 9 * kFine}, 0, kText, kAxis);
}

void Plot::Line(const std::vector<cv::Point2d>& points, const cv::Scalar& color,
                const std::string& name) {
  std::vector<cv::Point> line;
  for (const cv::Point2d& point : points) line.push_back(Fixed(At(point.x, point.y)));
  cv::polylines(canvas_, line, false, color, 2 * kFine, cv::LINE_AA, kShift);
  if (!name.empty()) legend_.emplace_back(name, color);
}

void Plot::Bar(double begin, double end, double value, const cv::Scalar& color) {
  const double zero = std::clamp(0.0, axes_.y_low, axes_.y_high);
  const cv::Point2d a = At(begin, value), b = At(end, zero);
  const double gap = std::min(1.0 * kFine, 0.1 * std::abs(b.x - a.x));  // white between bars
  const cv::Rect2d bar(cv::Point2d(a.x + gap, std::min(a.y, b.y)),
                       cv::Point2d(b.x - gap, std::max(a.y, b.y)));
  if (bar.area() > 0) cv::rectangle(canvas_, cv::Rect(bar), color, cv::FILLED);
}

void Plot::Level(double y, const cv::Scalar& color, const std::string& name) {
  const cv::Point2d left = At(axes_.x_low, y), right = At(axes_.x_high, y);
  Dashed(canvas_, left, right, color);
  Write(canvas_, name, {right.x, right.y - 5 * kFine}, 1, kText, color);
}

void Plot::Mark(double x, const cv::Scalar& color, const std::string& name) {
  const cv::Point2d head = At(x, axes_.y_high);
  Dashed(canvas_, head, At(x, axes_.y_low), color);
  const bool is_left = head.x < inside_.x + inside_.width / 2;
  Write(canvas_, name, {head.x + (is_left ? 5 : -5) * kFine, head.y + 12 * kFine}, is_left ? 0 : 1,
        kText, color);
}

void Plot::DrawLegend(cv::Mat& canvas) const {
  if (legend_.empty()) return;
  constexpr double kRow = 18 * kFine, kSample = 22 * kFine, kPad = 8 * kFine;
  double width = 0;
  for (const auto& [name, color] : legend_) {
    width = std::max<double>(width, TextSize(name, kText).width);
  }
  const double height = kRow * static_cast<double>(legend_.size()) + kPad;
  const double top =
      axes_.legend_below ? inside_.y + inside_.height - height - kPad / 2 : inside_.y + kPad / 2;
  const cv::Rect2d box(inside_.x + inside_.width - width - kSample - 3 * kPad, top,
                       width + kSample + 3 * kPad - kPad / 2, height);
  // See-through, so that no curve hides behind it.
  cv::Mat under = canvas(cv::Rect(box) & cv::Rect({}, canvas.size()));
  cv::Mat veil(under.size(), under.type(), WhiteColor());
  cv::addWeighted(under, 0.2, veil, 0.8, 0, under);
  double y = box.y + kPad / 2;
  for (const auto& [name, color] : legend_) {
    const double middle = y + kRow / 2;
    Stroke(canvas, {box.x + kPad, middle}, {box.x + kPad + kSample, middle}, color, 2 * kFine);
    Write(canvas, name, {box.x + 2 * kPad + kSample, middle + 5 * kFine}, 0, kText, TextColor());
    y += kRow;
  }
}

cv::Mat Plot::Draw() const {
  cv::Mat canvas = canvas_.clone();
  DrawLegend(canvas);
  return Reduced(canvas);
}

cv::Mat HistogramPlot(PlotAxes axes, const std::vector<double>& values, int bins, double low,
                      double high) {
  if (bins < 1 || !(low < high)) {
    Fail("histogram {}: expected bins and a rising range, found {} from {} to {}", axes.title, bins,
         low, high);
  }
  std::vector<int> counts(static_cast<size_t>(bins));
  for (const double value : values) {
    if (std::isnan(value)) continue;
    const double place = std::floor((value - low) / (high - low) * bins);
    ++counts[static_cast<size_t>(std::clamp(place, 0.0, bins - 1.0))];
  }
  axes.x_low = low;
  axes.x_high = high;
  axes.y_low = 0;
  axes.y_high = std::max(1.0, 1.1 * *std::max_element(counts.begin(), counts.end()));
  Plot plot(axes);
  for (int bin = 0; bin < bins; ++bin) {
    const double width = (high - low) / bins;
    plot.Bar(low + bin * width, low + (bin + 1) * width, counts[static_cast<size_t>(bin)],
             SeriesColor(0));
  }
  return plot.Draw();
}

cv::Mat BarPlot(const std::string& title, const std::vector<std::pair<std::string, double>>& bars,
                const cv::Scalar& color) {
  constexpr int kRow = 19 * kFine, kTop = 38 * kFine, kLongest = 300 * kFine, kPad = 14 * kFine;
  int names = 0;
  double largest = 0;
  int numbers = 0;
  for (const auto& [name, value] : bars) {
    names = std::max(names, TextSize(name, kText).width);
    numbers = std::max(numbers, TextSize(Label(value), kText).width);
    largest = std::max(largest, value);
  }
  const int left = kPad + names + 8 * kFine;
  const int width = std::max(left + kLongest + 6 * kFine + numbers + kPad,
                             TextSize(title, kTitle).width + 2 * kPad);
  cv::Mat canvas(kTop + kRow * static_cast<int>(bars.size()) + kPad, width, CV_8UC3, WhiteColor());
  Write(canvas, title, {1.0 * kPad, 24.0 * kFine}, 0, kTitle, TextColor());
  int y = kTop;
  for (const auto& [name, value] : bars) {
    const int length = largest > 0 ? static_cast<int>(std::lround(kLongest * value / largest)) : 0;
    Write(canvas, name, {left - 8.0 * kFine, y + 13.0 * kFine}, 1, kText, TextColor());
    if (length > 0) {
      cv::rectangle(canvas, cv::Rect(left, y + 3 * kFine, length, kRow - 6 * kFine), color,
                    cv::FILLED);
    }
    Write(canvas, Label(value), {left + length + 6.0 * kFine, y + 13.0 * kFine}, 0, kText,
          TextColor());
    y += kRow;
  }
  return Reduced(canvas);
}

}  // namespace netdissect
