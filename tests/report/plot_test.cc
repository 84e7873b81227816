#include "netdissect/report/plot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Pixels of about this color.
int CountOf(const cv::Mat& picture, const cv::Scalar& color) {
  cv::Mat close;
  cv::inRange(picture, color - cv::Scalar::all(12), color + cv::Scalar::all(12), close);
  return cv::countNonZero(close);
}

TEST(PlotTest, TicksAreRoundAndWithinTheAxis) {
  EXPECT_EQ(Ticks(0, 10), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(Ticks(-1, 1).size(), 5u);
  EXPECT_EQ(Ticks(0, 1e-7).size(), 6u);
  EXPECT_EQ(Ticks(0, 1).size(), 6u);
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {0, 1}, {0, 0.37}, {-3, 12345}, {1e-7, 3e-7}, {5, 5.5}, {-1e9, -1}}) {
    const std::vector<double> ticks = Ticks(low, high);
    EXPECT_GE(ticks.size(), 2u) << low << " " << high;
    EXPECT_LE(ticks.size(), 8u) << low << " " << high;
    for (const double tick : ticks) {
      EXPECT_GE(tick, low - 1e-6 * (high - low));
      EXPECT_LE(tick, high + 1e-6 * (high - low));
    }
  }
  EXPECT_EQ(Ticks(2, 2), (std::vector<double>{2}));
}

TEST(PlotTest, ItHasTheSizeAskedForAndWhatIsAddedIsSeen) {
  PlotAxes axes;
  axes.title = "title";
  axes.x = "x";
  axes.y = "y";
  Plot plot(axes);
  const cv::Mat empty = plot.Draw();
  EXPECT_EQ(empty.size(), cv::Size(axes.width, axes.height));
  EXPECT_EQ(CountOf(empty, SeriesColor(0)), 0);
  plot.Line({{0, 0}, {1, 1}}, SeriesColor(0), "rising");
  EXPECT_GT(CountOf(plot.Draw(), SeriesColor(0)), 300);
  EXPECT_EQ(cv::norm(plot.Draw(), plot.Draw(), cv::NORM_INF), 0) << "drawing changes nothing";
}

TEST(PlotTest, ABarsAreaIsItsValue) {
  PlotAxes axes;
  Plot half(axes), whole(axes);
  half.Bar(0.2, 0.4, 0.5, SeriesColor(1));
  whole.Bar(0.2, 0.4, 1, SeriesColor(1));
  const int large = CountOf(whole.Draw(), SeriesColor(1));
  EXPECT_NEAR(CountOf(half.Draw(), SeriesColor(1)), large / 2.0, 0.02 * large);
}

TEST(PlotTest, HistogramsCountEveryNumberOnce) {
  PlotAxes axes;
  const double nothing = std::nan("");
  // Two bins of three values each; what lies outside counts at the ends, NaN nowhere.
  const cv::Mat even = HistogramPlot(axes, {-4, 0.1, 0.2, 0.6, 1, 7, nothing}, 2, 0, 1);
  const cv::Mat left = even(cv::Rect(0, 0, even.cols / 2, even.rows));
  const cv::Mat right = even(cv::Rect(even.cols / 2, 0, even.cols - even.cols / 2, even.rows));
  const int counted = CountOf(left, SeriesColor(0));
  EXPECT_GT(counted, 1000);
  EXPECT_NEAR(CountOf(right, SeriesColor(0)), counted, 0.15 * counted);
  EXPECT_EQ(CountOf(HistogramPlot(axes, {}, 4, 0, 1), SeriesColor(0)), 0);
}

TEST(PlotTest, BarsHaveARowEach) {
  const cv::Mat three = BarPlot("t", {{"a", 1}, {"bb", 2}, {"c", 0}});
  const cv::Mat none = BarPlot("t", {});
  EXPECT_GT(three.rows, none.rows);
  EXPECT_GT(CountOf(three, SeriesColor(0)), 1000);
  EXPECT_EQ(CountOf(none, SeriesColor(0)), 0);
}

TEST(PlotTest, AnAxisThatDoesNotRiseIsRefused) {
  PlotAxes axes;
  axes.title = "flat";
  axes.y_high = axes.y_low;
  try {
    const Plot plot(axes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("flat"), std::string::npos);
  }
  EXPECT_THROW(HistogramPlot({}, {1}, 0, 0, 1), Error);
  EXPECT_THROW(HistogramPlot({}, {1}, 3, 1, 1), Error);
}

}  // namespace
}  // namespace netdissect
