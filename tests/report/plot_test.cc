#include "report/plot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/scratch.h"
#include "data/pictures.h"
#include "report/ink.h"

namespace netdissect {
namespace {

cv::Mat PictureOfPlot(const Plot& plot) { return Raster(DrawPlot(plot)); }

Plot WithCurve(std::vector<cv::Point2d> points, const std::string& name = "") {
  Plot plot;
  plot.curves.push_back({std::move(points), SeriesColor(0), name});
  return plot;
}

// Nothing is cut off: what is drawn keeps away from the picture's edges.
testing::AssertionResult HasWhiteRim(const cv::Mat& picture) {
  const cv::Rect box = InkBox(picture);
  const cv::Rect allowed(3, 3, picture.cols - 6, picture.rows - 6);
  if ((box & allowed) == box) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "ink in " << box << " of " << picture.size();
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
  Plot plot;
  plot.title = "title";
  plot.x = "x";
  plot.y = "y";
  const cv::Mat empty = PictureOfPlot(plot);
  EXPECT_EQ(empty.size(), cv::Size(plot.width, plot.height));
  EXPECT_EQ(PixelsOf(empty, SeriesColor(0)), 0);
  plot.curves.push_back({{{0, 0}, {1, 1}}, SeriesColor(0), "rising"});
  EXPECT_GT(PixelsOf(PictureOfPlot(plot), SeriesColor(0)), 300);
  EXPECT_EQ(Difference(PictureOfPlot(plot), PictureOfPlot(plot)), 0);
  plot.levels.push_back({0.5, SeriesColor(1), "level"});
  EXPECT_GT(PixelsOf(PictureOfPlot(plot), SeriesColor(1)), 150);
  plot.marks.push_back({0.5, SeriesColor(2), "mark"});
  EXPECT_GT(PixelsOf(PictureOfPlot(plot), SeriesColor(2)), 100);
}

TEST(PlotTest, ABarsAreaIsItsValue) {
  Plot half, whole;
  half.bars = {{0.2, 0.4, 0.5, SeriesColor(1)}};
  whole.bars = {{0.2, 0.4, 1, SeriesColor(1)}};
  const int large = PixelsOf(PictureOfPlot(whole), SeriesColor(1));
  EXPECT_NEAR(PixelsOf(PictureOfPlot(half), SeriesColor(1)), large / 2.0, 0.02 * large);
}

TEST(PlotTest, HistogramsCountEveryNumberOnce) {
  const double nothing = std::nan("");
  // Two bins of three values each; what lies outside counts at the ends, NaN nowhere.
  const Plot plot = Histogram({}, {-4, 0.1, 0.2, 0.6, 1, 7, nothing}, 2, 0, 1);
  ASSERT_EQ(plot.bars.size(), 2u);
  EXPECT_EQ(plot.bars[0].value, 3);
  EXPECT_EQ(plot.bars[1].value, 3);
  EXPECT_EQ(plot.bars[1].begin, 0.5);
  EXPECT_GT(plot.y_high, 3);
  const cv::Mat even = PictureOfPlot(plot);
  const cv::Mat left = even(cv::Rect(0, 0, even.cols / 2, even.rows));
  const cv::Mat right = even(cv::Rect(even.cols / 2, 0, even.cols - even.cols / 2, even.rows));
  const int counted = PixelsOf(left, SeriesColor(0));
  EXPECT_GT(counted, 1000);
  EXPECT_NEAR(PixelsOf(right, SeriesColor(0)), counted, 0.15 * counted);
  EXPECT_EQ(PixelsOf(PictureOfPlot(Histogram({}, {}, 4, 0, 1)), SeriesColor(0)), 0);
}

TEST(PlotTest, BarsHaveARowEach) {
  const cv::Mat three = Raster(DrawBars("t", {{"a", 1}, {"bb", 2}, {"c", 0}}));
  const cv::Mat none = Raster(DrawBars("t", {}));
  EXPECT_GT(three.rows, none.rows);
  EXPECT_GT(PixelsOf(three, SeriesColor(0)), 1000);
  EXPECT_EQ(PixelsOf(none, SeriesColor(0)), 0);
}

TEST(PlotTest, NothingIsCutOff) {
  const std::string longest(400, 'w');
  for (const std::string& text : {std::string("Straße, 駅"), longest}) {
    for (const int width : {200, 300, 560}) {
      Plot plot;
      plot.title = plot.x = plot.y = text;
      plot.width = width;
      plot.height = 150 + width / 4;
      plot.y_low = -123456;
      plot.y_high = 123456;
      plot.x_high = 1e6;
      plot.curves = {{{{0, 0}, {1e6, 1e5}}, SeriesColor(0), text},
                     {{{0, 0}, {1e6, 1e9}}, SeriesColor(1), text}};
      plot.levels = {{0, SeriesColor(2), text}, {123456, SeriesColor(3), text}};
      plot.marks = {{1e5, SeriesColor(4), text}, {9e5, SeriesColor(5), text}};
      const cv::Mat picture = PictureOfPlot(plot);
      EXPECT_EQ(picture.cols, width);
      EXPECT_TRUE(HasWhiteRim(picture)) << text << " " << width;
    }
    std::vector<std::pair<std::string, double>> bars;
    for (int i = 0; i < 90; ++i) bars.emplace_back(text, 1234567.0 * i);
    EXPECT_TRUE(HasWhiteRim(Raster(DrawBars(text, bars))));
  }
}

TEST(PlotTest, MoreBarsThanAnybodyReadsAreCounted) {
  std::vector<std::pair<std::string, double>> bars(5000, {"name", 1});
  const cv::Mat many = Raster(DrawBars("t", bars));
  bars.resize(400);
  const cv::Mat most = Raster(DrawBars("t", bars));
  EXPECT_GT(many.rows, most.rows);
  EXPECT_LT(many.rows, most.rows + 40);
}

TEST(PlotTest, NumbersOfANarrowAxisDoNotTouch) {
  Plot plot;
  plot.width = 200;
  plot.x_high = 1e5;
  plot.x_low = -1e5;
  // Columns with ink below the axis: between two numbers some have none.
  cv::Mat ink = InkMask(PictureOfPlot(plot).rowRange(plot.height - 45, plot.height));
  cv::reduce(ink, ink, 0, cv::REDUCE_MAX);
  int numbers = 0, since_ink = 100;
  for (int x = 0; x < ink.cols; ++x) {
    since_ink = ink.at<uchar>(0, x) != 0 ? 0 : since_ink + 1;
    if (since_ink == 0 && x > 0 && ink.at<uchar>(0, x - 1) == 0) {
      int gap = 1;
      while (x - gap - 1 >= 0 && ink.at<uchar>(0, x - gap - 1) == 0) ++gap;
      numbers += gap >= 5 ? 1 : 0;
    }
  }
  EXPECT_GE(numbers, 2);
}

TEST(PlotTest, WhatIsNoNumberIsAGap) {
  const double nothing = std::nan("");
  const cv::Mat whole = PictureOfPlot(WithCurve({{0, 0.5}, {0.5, 0.5}, {1, 0.5}}));
  const cv::Mat gap =
      PictureOfPlot(WithCurve({{0, 0.5}, {0.4, 0.5}, {0.5, nothing}, {0.6, 0.5}, {1, 0.5}}));
  const double all = PixelsOf(whole, SeriesColor(0));
  EXPECT_NEAR(PixelsOf(gap, SeriesColor(0)) / all, 0.8, 0.03);
  EXPECT_EQ(PixelsOf(PictureOfPlot(WithCurve({{nothing, nothing}})), SeriesColor(0)), 0);
  EXPECT_EQ(PixelsOf(PictureOfPlot(WithCurve({})), SeriesColor(0)), 0);
  // A single value is a dot.
  EXPECT_GT(PixelsOf(PictureOfPlot(WithCurve({{nothing, 1}, {0.5, 0.5}})), SeriesColor(0)), 0);
}

TEST(PlotTest, ManyPointsMakeNoLargeFile) {
  std::vector<cv::Point2d> few, many;
  for (int i = 0; i <= 1000; ++i) few.emplace_back(i / 1e3, std::pow(i / 1e3, 2));
  for (int i = 0; i <= 1000000; ++i) many.emplace_back(i / 1e6, std::pow(i / 1e6, 2));
  EXPECT_LE(Difference(PictureOfPlot(WithCurve(few)), PictureOfPlot(WithCurve(many))), 40);
  EXPECT_LT(Svg(DrawPlot(WithCurve(many))).size(), 100'000u);
}

TEST(PlotTest, TheLegendHidesLittle) {
  // Through three of the corners, once each: the legend is in the fourth.
  const double far = 0.9;
  const cv::Point2d corners[] = {{0, 0}, {0, far}, {far, far}, {far, 0}};
  for (int free = 0; free < 4; ++free) {
    Plot plot;
    for (int k = 0; k < 4; ++k) {
      if (k == free) continue;
      const cv::Point2d at = corners[k];
      plot.curves.push_back({{at, at + cv::Point2d(0.1, 0.1)}, SeriesColor(0), "name"});
    }
    const cv::Mat with = PictureOfPlot(plot);
    for (PlotCurve& curve : plot.curves) curve.name.clear();
    const cv::Rect legend = cv::boundingRect([&] {
      cv::Mat difference;
      cv::absdiff(with, PictureOfPlot(plot), difference);
      cv::cvtColor(difference, difference, cv::COLOR_BGR2GRAY);
      return cv::Mat(difference > 0);
    }());
    EXPECT_EQ(legend.x > plot.width / 2, corners[free].x > 0.5) << free;
    EXPECT_EQ(legend.y<plot.height / 2, corners[free].y> 0.5) << free;
  }
}

TEST(PlotTest, AnAxisThatDoesNotRiseIsRefused) {
  Plot plot;
  plot.title = "flat";
  plot.y_high = plot.y_low;
  EXPECT_TRUE(HasAll(ErrorOf([&] { DrawPlot(plot); }), {"flat"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { Histogram({}, {1}, 0, 0, 1); }), {"bins"}));
  EXPECT_TRUE(HasAll(ErrorOf([] { Histogram({}, {1}, 3, 1, 1); }), {"rising"}));
}

TEST(PlotTest, GroupedBarsStandBesideEachOtherOverTheirNames) {
  const std::vector<BarSeries> series = {{"one", SeriesColor(0), {1, 0.5}, {}},
                                         {"two", SeriesColor(1), {0.5, NAN}, {}}};
  const Plot plot = GroupedBars({}, {"pool1", "pool5"}, series);
  ASSERT_EQ(plot.bars.size(), 4u);
  EXPECT_EQ(plot.names, (std::vector<std::string>{"pool1", "pool5"}));
  for (size_t i = 0; i < plot.bars.size(); ++i) {
    const double group = i % 2 == 0 ? 0 : 1;
    EXPECT_GT(plot.bars[i].begin, group);
    EXPECT_LT(plot.bars[i].end, group + 1);
  }
  EXPECT_DOUBLE_EQ(plot.bars[0].end, plot.bars[2].begin);
  const cv::Mat picture = PictureOfPlot(plot);
  EXPECT_TRUE(HasWhiteRim(picture));
  // The first has three halves, the second one.
  EXPECT_NEAR(PixelsOf(picture, SeriesColor(0)), 3 * PixelsOf(picture, SeriesColor(1)),
              0.05 * PixelsOf(picture, SeriesColor(0)));
  EXPECT_TRUE(HasAll(ErrorOf([&] { GroupedBars({}, {"pool1"}, series); }), {"one", "found 2"}));
}

TEST(PlotTest, AnUncertainBarHasALineFromLowToHigh) {
  Plot plot;
  plot.bars = {{0.2, 0.4, 0.5, SeriesColor(1)}};
  const int sure = PixelsOf(PictureOfPlot(plot), InkColor());
  plot.bars[0].low = 0.4;
  plot.bars[0].high = 0.6;
  const int little = PixelsOf(PictureOfPlot(plot), InkColor());
  plot.bars[0].low = 0.1;
  plot.bars[0].high = 0.9;
  const int much = PixelsOf(PictureOfPlot(plot), InkColor());
  EXPECT_GT(little, sure + 40);
  EXPECT_GT(much, little + 120);
}

TEST(PlotTest, AHeadingBreaksItsLineWhereItIsFull) {
  std::vector<BarSeries> series(2);
  series[0].name = "one";
  series[1].name = "two";
  const Drawing one_line = DrawHeading("title", series, 300);
  series.resize(8, series[0]);
  const Drawing more = DrawHeading("title", series, 300);
  EXPECT_EQ(one_line.width, more.width);
  EXPECT_GT(more.height, one_line.height + 15);
}

}  // namespace
}  // namespace netdissect
