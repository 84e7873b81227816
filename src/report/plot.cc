#include "report/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "netdissect/base/error.h"
#include "report/canvas.h"
#include "report/lettering.h"

namespace netdissect {
namespace {

constexpr double kMargin = 18;  // of a plot, on the left and right

TextStyle LabelStyle() { return {12, false, InkColor()}; }
TextStyle TitleStyle() { return {14, true, InkColor()}; }

// "0.2", "1500", "1e-05": as short as it is exact enough for a label.
std::string Label(double value) {
  return fmt::format("{:.6g}", std::abs(value) < 1e-12 ? 0 : value);
}

// Lines 1 pixel wide are sharp where they run along the middle of pixels.
double Sharp(double at) { return std::floor(at) + 0.5; }

/// Where a plot's axes are on its sheet, and how values become places.
class PlotFrame {
 public:
  explicit PlotFrame(const Plot& plot) : plot_(plot) {
    // Widest number beside the y axis; not narrower than most, so that plots below each other
    // align.
    double labels = TextWidth("0.5", LabelStyle());
    for (const double tick : Ticks(plot.y_low, plot.y_high)) {
      labels = std::max(labels, TextWidth(Label(tick), LabelStyle()));
    }
    const double left = std::ceil(labels) + kMargin,
                 top = (plot.title.empty() ? 12 : 36) + (plot.y.empty() ? 4 : 22);
    const double below = plot.x.empty() && !plot.names.empty() ? 28 : 50;
    inside_ = {left, top, plot.width - left - kMargin, plot.height - top - below};
  }

  const cv::Rect2d& inside() const { return inside_; }
  double right() const { return inside_.x + inside_.width; }
  double bottom() const { return inside_.y + inside_.height; }

  double X(double value) const {
    return inside_.x + inside_.width * Share(value, plot_.x_low, plot_.x_high);
  }
  double Y(double value) const {
    return bottom() - inside_.height * Share(value, plot_.y_low, plot_.y_high);
  }

 private:
  static double Share(double value, double low, double high) {
    return std::clamp((value - low) / (high - low), 0.0, 1.0);
  }

  const Plot& plot_;
  cv::Rect2d inside_;
};

void DrawNumbersBelow(const Plot& plot, const PlotFrame& frame, Canvas& canvas) {
  const TextStyle text = LabelStyle();
  double end = -kMargin;  // of the last number: those that would touch it are left out
  for (const double tick : Ticks(plot.x_low, plot.x_high)) {
    const double x = Sharp(frame.X(tick)), half = TextWidth(Label(tick), text) / 2;
    canvas.Line({x, frame.inside().y}, {x, frame.bottom()}, GridColor());
    const double begin = std::min(x - half, plot.width - 4 - 2 * half);
    if (begin < end + 6) continue;
    canvas.Text(Label(tick), {begin, frame.bottom() + 17}, 0, text);
    end = begin + 2 * half;
  }
}

void DrawNamesBelow(const Plot& plot, const PlotFrame& frame, Canvas& canvas) {
  const TextStyle text = LabelStyle();
  const double part = frame.inside().width / static_cast<double>(plot.names.size());
  for (size_t i = 0; i < plot.names.size(); ++i) {
    const double middle = frame.inside().x + part * (static_cast<double>(i) + 0.5);
    canvas.Text(Shortened(plot.names[i], part - 4, text), {middle, frame.bottom() + 17}, 0.5, text);
  }
}

void DrawAxes(const Plot& plot, const PlotFrame& frame, Canvas& canvas) {
  const TextStyle text = LabelStyle();
  const cv::Rect2d& inside = frame.inside();
  const double from_left = plot.width - 2 * kMargin;
  canvas.Text(Shortened(plot.title, from_left, TitleStyle()), {kMargin, 24}, 0, TitleStyle());
  if (plot.names.empty()) {
    DrawNumbersBelow(plot, frame, canvas);
  } else {
    DrawNamesBelow(plot, frame, canvas);
  }
  double end = plot.height;
  for (const double tick : Ticks(plot.y_low, plot.y_high)) {
    const double y = Sharp(frame.Y(tick));
    canvas.Line({inside.x, y}, {frame.right(), y}, GridColor());
    if (y > end - text.size) continue;
    end = y;
    canvas.Text(Label(tick), {inside.x - 7, y + 4}, 1, text);
  }
  const double middle =
      std::min(inside.x + inside.width / 2, plot.width - kMargin - TextWidth(plot.x, text) / 2);
  canvas.Text(Shortened(plot.x, from_left, text),
              {std::max(middle, plot.width / 2.0), frame.bottom() + 38}, 0.5, text);
  // Above its axis rather than along it: it is read without turning the head.
  TextStyle muted = text;
  muted.color = MutedColor();
  canvas.Text(Shortened(plot.y, plot.width - kMargin - inside.x, muted), {inside.x, inside.y - 9},
              0, muted);
}

void DrawAxisLines(const PlotFrame& frame, Canvas& canvas) {
  const double x = Sharp(frame.inside().x), y = Sharp(frame.bottom());
  canvas.Line({x, y}, {frame.right(), y}, AxisColor());
  canvas.Line({x, frame.inside().y}, {x, y + 0.5}, AxisColor());
}

void DrawBar(const Plot& plot, const PlotBar& bar, const PlotFrame& frame, Canvas& canvas) {
  const double zero = frame.Y(std::clamp(0.0, plot.y_low, plot.y_high));
  double begin = frame.X(bar.begin), end = frame.X(bar.end), top = frame.Y(bar.value);
  if (!std::isfinite(top) || !(begin < end)) return;
  const double gap = std::min(1.0, 0.1 * (end - begin));  // white between bars
  begin += gap;
  end -= gap;
  canvas.Fill({begin, std::min(top, zero), end - begin, std::abs(top - zero)}, bar.color);
  if (!(bar.low < bar.high)) return;
  const double low = frame.Y(bar.low), high = frame.Y(bar.high);
  const double middle = Sharp((begin + end) / 2), half = std::min(4.0, (end - begin) / 4);
  canvas.Line({middle, low}, {middle, high}, InkColor());
  for (const double y : {low, high}) {
    canvas.Line({middle - half, Sharp(y)}, {middle + half, Sharp(y)}, InkColor());
  }
}

using Polyline = std::vector<cv::Point2d>;

// The curve's places on the sheet, a line for each part without gap; points that would not be told
// apart are left out: a curve of a million points is as large a file as one of a thousand.
std::vector<Polyline> LinesOf(const PlotCurve& curve, const PlotFrame& frame) {
  constexpr double kApart = 0.25;  // pixels
  std::vector<Polyline> lines(1);
  bool last_is_left_out = false;
  cv::Point2d place;
  const auto end_line = [&] {
    if (last_is_left_out) lines.back().push_back(place);
    last_is_left_out = false;
  };
  for (const cv::Point2d& point : curve.points) {
    if (std::isnan(point.x) || std::isnan(point.y)) {
      end_line();
      if (!lines.back().empty()) lines.emplace_back();
      continue;
    }
    place = {frame.X(point.x), frame.Y(point.y)};
    last_is_left_out = !lines.back().empty() && cv::norm(place - lines.back().back()) < kApart;
    if (!last_is_left_out) lines.back().push_back(place);
  }
  end_line();
  return lines;
}

// How much of the lines is within the box: points every few pixels.
int Hidden(const std::vector<Polyline>& lines, const cv::Rect2d& box) {
  constexpr double kStep = 3;
  int hidden = 0;
  for (const Polyline& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      const cv::Point2d step = i == 0 ? cv::Point2d() : line[i] - line[i - 1];
      const int steps = std::max(1, static_cast<int>(cv::norm(step) / kStep));
      for (int s = 0; s < steps; ++s) {
        hidden += box.contains(line[i] - step * (static_cast<double>(s) / steps)) ? 1 : 0;
      }
    }
  }
  return hidden;
}

void DrawLegend(const Plot& plot, const std::vector<Polyline>& lines, const PlotFrame& frame,
                Canvas& canvas) {
  constexpr double kRow = 18, kSample = 22, kPad = 8;
  const TextStyle text = LabelStyle();
  const cv::Rect2d& inside = frame.inside();
  const double widest = inside.width - kSample - 4 * kPad;
  double width = 0;
  std::vector<std::pair<std::string, cv::Scalar>> entries;
  for (const PlotCurve& curve : plot.curves) {
    if (curve.name.empty()) continue;
    entries.emplace_back(Shortened(curve.name, widest, text), curve.color);
    width = std::max(width, TextWidth(entries.back().first, text));
  }
  if (entries.empty()) return;
  const cv::Size2d size(width + kSample + 3 * kPad,
                        kRow * static_cast<double>(entries.size()) + kPad);
  const double left = inside.x + kPad / 2, right = frame.right() - size.width - kPad / 2;
  const double top = inside.y + kPad / 2, bottom = frame.bottom() - size.height - kPad / 2;
  const std::array<cv::Point2d, 4> corners = {
      {{right, top}, {right, bottom}, {left, top}, {left, bottom}}};
  cv::Rect2d box;
  int least = -1;
  for (const cv::Point2d& corner : corners) {
    const cv::Rect2d here(corner, size);
    const int hidden = Hidden(lines, here);
    if (least >= 0 && hidden >= least) continue;
    least = hidden;
    box = here;
  }
  canvas.Fill(box, PaperColor(), 0.8);  // see-through, so that no curve hides behind it
  double y = box.y + kPad / 2;
  for (const auto& [name, color] : entries) {
    const double middle = Sharp(y + kRow / 2);
    canvas.Line({box.x + kPad, middle}, {box.x + kPad + kSample, middle}, color, 2);
    canvas.Text(name, {box.x + 2 * kPad + kSample, middle + 4}, 0, text);
    y += kRow;
  }
}

// On paper that lets what is below shine through.
void DrawName(const std::string& name, const cv::Point2d& at, double align, Canvas& canvas) {
  const TextStyle text = LabelStyle();
  const double width = TextWidth(name, text);
  canvas.Fill({at.x - align * width - 2, at.y - Ascent(text), width + 4, LineHeight(text) - 1.0},
              PaperColor(), 0.8);
  canvas.Text(name, at, align, text);
}

// Names to the right of their dots, or to the left where there is no room; one that would lie on an
// earlier one is left out.
void DrawPointNames(const Plot& plot, const PlotFrame& frame, Canvas& canvas) {
  std::vector<cv::Rect2d> taken;
  const TextStyle text = LabelStyle();
  for (const PlotPoint& point : plot.points) {
    if (point.name.empty()) continue;
    const double x = frame.X(point.at.x), y = frame.Y(point.at.y);
    const double width = TextWidth(point.name, text);
    const bool is_right = x + 6 + width < frame.right();
    const cv::Rect2d box(is_right ? x + 6 : x - 6 - width, y - 0.5 * Ascent(text), width,
                         LineHeight(text));
    const bool is_free = std::none_of(taken.begin(), taken.end(), [&](const cv::Rect2d& other) {
      return (box & other).area() > 0;
    });
    if (!is_free) continue;
    taken.push_back(box);
    canvas.Text(point.name, {box.x, y + 4}, 0, text);
  }
}

void DrawLevel(const PlotLine& level, const PlotFrame& frame, Canvas& canvas) {
  const double y = Sharp(frame.Y(level.at));
  canvas.Line({frame.inside().x, y}, {frame.right(), y}, level.color, 1, 6);
  const std::string name = Shortened(level.name, frame.inside().width - 4, LabelStyle());
  // Below its line where there is no room above it.
  const bool is_above = y - frame.inside().y > LineHeight(LabelStyle());
  DrawName(name, {frame.right() - 2, is_above ? y - 5 : y + Ascent(LabelStyle()) + 2}, 1, canvas);
}

void DrawMark(const PlotLine& mark, const PlotFrame& frame, Canvas& canvas) {
  const cv::Rect2d& inside = frame.inside();
  const double x = Sharp(frame.X(mark.at));
  canvas.Line({x, inside.y}, {x, frame.bottom()}, mark.color, 1, 6);
  const bool is_left = x < inside.x + inside.width / 2;
  const double room = (is_left ? frame.right() - x : x - inside.x) - 5;
  DrawName(Shortened(mark.name, room, LabelStyle()), {x + (is_left ? 5 : -5), inside.y + 14},
           is_left ? 0 : 1, canvas);
}

void PaintPlot(const Plot& plot, Canvas& canvas) {
  const PlotFrame frame(plot);
  DrawAxes(plot, frame, canvas);
  for (const PlotBar& bar : plot.bars) DrawBar(plot, bar, frame, canvas);
  DrawAxisLines(frame, canvas);
  std::vector<Polyline> all;
  for (const PlotPoint& point : plot.points) {
    constexpr double kDot = 2;  // a dot is three times as wide as a line
    const cv::Point2d place = {frame.X(point.at.x), frame.Y(point.at.y)};
    canvas.Curve({place}, point.color, kDot);
    all.push_back({place});
  }
  for (const PlotCurve& curve : plot.curves) {
    for (Polyline& line : LinesOf(curve, frame)) {
      canvas.Curve(line, curve.color, 2);
      all.push_back(std::move(line));
    }
  }
  DrawPointNames(plot, frame, canvas);
  for (const PlotLine& level : plot.levels) DrawLevel(level, frame, canvas);
  for (const PlotLine& mark : plot.marks) DrawMark(mark, frame, canvas);
  DrawLegend(plot, all, frame, canvas);
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

Drawing DrawPlot(Plot plot) {
  if (!(plot.x_low < plot.x_high) || !(plot.y_low < plot.y_high) || plot.width < 200 ||
      plot.height < 150) {
    Fail(
        "plot {}: expected rising axes and at least 200 x 150 pixels, found {} to {}, {} to {}, {} "
        "x {}",
        plot.title, plot.x_low, plot.x_high, plot.y_low, plot.y_high, plot.width, plot.height);
  }
  Drawing drawing;
  drawing.width = plot.width;
  drawing.height = plot.height;
  drawing.paint = [plot = std::move(plot)](Canvas& canvas) { PaintPlot(plot, canvas); };
  return drawing;
}

Plot Histogram(Plot axes, const std::vector<double>& values, int bins, double low, double high) {
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
  const double width = (high - low) / bins;
  for (int bin = 0; bin < bins; ++bin) {
    axes.bars.push_back({low + bin * width, low + (bin + 1) * width,
                         static_cast<double>(counts[static_cast<size_t>(bin)]), SeriesColor(0)});
  }
  return axes;
}

Plot GroupedBars(Plot axes, std::vector<std::string> names, const std::vector<BarSeries>& series) {
  constexpr double kGap = 0.2;  // between groups, of a group's part of the axis
  axes.x_low = 0;
  axes.x_high = std::max(1.0, static_cast<double>(names.size()));
  const double width = (1 - kGap) / static_cast<double>(std::max<size_t>(series.size(), 1));
  for (size_t s = 0; s < series.size(); ++s) {
    const BarSeries& one = series[s];
    const bool uncertain = !one.intervals.empty();
    if (one.values.size() != names.size() || (uncertain && one.intervals.size() != names.size())) {
      Fail("bars {}: expected a value for each of {} names, found {} and {} intervals", one.name,
           names.size(), one.values.size(), one.intervals.size());
    }
    for (size_t i = 0; i < names.size(); ++i) {
      const double begin = static_cast<double>(i) + kGap / 2 + width * static_cast<double>(s);
      const cv::Point2d interval = uncertain ? one.intervals[i] : cv::Point2d();
      axes.bars.push_back({begin, begin + width, one.values[i], one.color, interval.x, interval.y});
    }
  }
  axes.names = std::move(names);
  return axes;
}

Drawing DrawHeading(const std::string& title, const std::vector<BarSeries>& series, double width) {
  constexpr double kRow = 20, kTop = 46, kSquare = 11, kBetween = 22;
  struct Entry {
    std::string name;
    cv::Scalar color;
    cv::Point2d at;  // of the square's lower left corner
  };
  std::vector<Entry> entries;
  cv::Point2d at(kMargin, kTop);
  for (const BarSeries& one : series) {
    const std::string name = Shortened(one.name, width - 2 * kMargin - kSquare - 6, LabelStyle());
    const double length = kSquare + 6 + TextWidth(name, LabelStyle());
    if (at.x > kMargin && at.x + length > width - kMargin) at = {kMargin, at.y + kRow};
    entries.push_back({name, one.color, at});
    at.x += length + kBetween;
  }
  Drawing drawing;
  drawing.width = width;
  drawing.height = at.y + 6;
  drawing.paint = [=](Canvas& canvas) {
    canvas.Text(Shortened(title, width - 2 * kMargin, TitleStyle()), {kMargin, 24}, 0,
                TitleStyle());
    for (const Entry& entry : entries) {
      canvas.Fill({entry.at.x, entry.at.y - kSquare, kSquare, kSquare}, entry.color);
      canvas.Text(entry.name, entry.at + cv::Point2d(kSquare + 6, -1), 0, LabelStyle());
    }
  };
  return drawing;
}

Drawing DrawBars(std::string title, std::vector<std::pair<std::string, double>> bars,
                 const cv::Scalar& color) {
  constexpr double kRow = 19, kTop = 38, kLongest = 300, kPad = 14;
  constexpr double kWidestName = 260, kWidestTitle = 900;
  constexpr size_t kMost = 400;
  const TextStyle text = LabelStyle();
  std::string more;
  if (bars.size() > kMost) {
    more = fmt::format("and {} more", bars.size() - kMost);
    bars.resize(kMost);
  }
  double names = TextWidth(more, text), numbers = 0, largest = 0;
  for (auto& [name, value] : bars) {
    name = Shortened(name, kWidestName, text);
    names = std::max(names, TextWidth(name, text));
    numbers = std::max(numbers, TextWidth(Label(value), text));
    largest = std::max(largest, value);
  }
  title = Shortened(title, kWidestTitle, TitleStyle());
  const double left = std::ceil(kPad + names) + 8;
  Drawing drawing;
  drawing.width = std::ceil(
      std::max(left + kLongest + 6 + numbers + kPad, TextWidth(title, TitleStyle()) + 2 * kPad));
  drawing.height = kTop + kRow * static_cast<double>(bars.size() + (more.empty() ? 0 : 1)) + kPad;
  drawing.paint = [=](Canvas& canvas) {
    canvas.Text(title, {kPad, 24}, 0, TitleStyle());
    double y = kTop;
    for (const auto& [name, value] : bars) {
      const double length = largest > 0 && value > 0 ? std::round(kLongest * value / largest) : 0;
      canvas.Text(name, {left - 8, y + 14}, 1, text);
      canvas.Fill({left, y + 3, length, kRow - 6}, color);
      canvas.Text(Label(value), {left + length + 6, y + 14}, 0, text);
      y += kRow;
    }
    canvas.Text(more, {left - 8, y + 14}, 1, text);
  };
  return drawing;
}

}  // namespace netdissect
