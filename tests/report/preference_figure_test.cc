#include "report/preference_figure.h"

#include <gtest/gtest.h>

#include <map>

#include "report/palette.h"

namespace netdissect {
namespace {

// Two sets of 5 images each; one layer's top images are 7, 2, 9, 2.
RecordResult TwoSets() {
  Dataset first, second;
  first.name = "first";
  second.name = "second";
  first.images.resize(5);
  second.images.resize(5);
  RecordResult record;
  record.images = ImageSets({first, second});
  RecordedLayer layer;
  layer.name = "pool5";
  for (const int64_t image : {7, 2, 9, 2}) layer.top_images.push_back({image, 1.0});
  record.layers = {layer, layer};
  return record;
}

TEST(PreferenceFigure, TakesTheFirstImagesAndReadsEachOnce) {
  std::map<int64_t, int> asked;
  const PreferenceColumn column = PreferenceOf("net", TwoSets(), 3, [&](int64_t image) {
    ++asked[image];
    return cv::Mat(10, 20, CV_8UC3, cv::Scalar(static_cast<double>(image), 0, 0));
  });
  EXPECT_EQ(asked, (std::map<int64_t, int>{{2, 1}, {7, 1}, {9, 1}}));
  ASSERT_EQ(column.rows.size(), 2u);
  const PreferenceRow& row = column.rows[0];
  EXPECT_EQ(row.share, (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(row.sets, (std::vector<size_t>{1, 0, 1}));
  ASSERT_EQ(row.pictures.size(), 3u);
  EXPECT_EQ(row.pictures[0].at<cv::Vec3b>(3, 3)[0], 7);
  EXPECT_EQ(row.pictures[1].at<cv::Vec3b>(3, 3)[0], 2);
  EXPECT_EQ(row.pictures[0].rows, row.pictures[0].cols);  // as the network sees it
}

// Pixels of exactly this colour.
int64_t Count(const cv::Mat& image, const cv::Scalar& color) {
  cv::Mat same;
  cv::inRange(image, color, color, same);
  return cv::countNonZero(same);
}

TEST(PreferenceFigure, FramesAreInTheColourOfTheSet) {
  const auto black = [](int64_t) { return cv::Mat::zeros(8, 8, CV_8UC3); };
  const RecordResult record = TwoSets();
  const auto frames = [&](size_t count) {
    const cv::Mat figure =
        DrawPreference({PreferenceOf("net", record, count, black)}, {"first", "second"});
    return std::pair(Count(figure, SeriesColor(0)), Count(figure, SeriesColor(1)));
  };
  const auto [legend_first, legend_second] = frames(0);
  const auto one = frames(1), two = frames(2), three = frames(3);
  const int64_t frame = one.second - legend_second;  // of two layers' first picture, image 7
  EXPECT_GT(frame, 0);
  EXPECT_EQ(legend_first, legend_second);
  EXPECT_EQ(one.first, legend_first);
  EXPECT_EQ(two, std::pair(legend_first + frame, legend_second + frame));
  EXPECT_EQ(three, std::pair(legend_first + frame, legend_second + 2 * frame));
}

TEST(PreferenceFigure, NetworksStandSideBySide) {
  const auto black = [](int64_t) { return cv::Mat::zeros(8, 8, CV_8UC3); };
  const PreferenceColumn column = PreferenceOf("net", TwoSets(), 4, black);
  const cv::Mat one = DrawPreference({column}, {"first", "second"});
  const cv::Mat two = DrawPreference({column, column}, {"first", "second"});
  EXPECT_EQ(one.rows, two.rows);
  EXPECT_GT(two.cols, one.cols + one.cols / 2);
  // An image that cannot be read leaves a blank, not a gap.
  const auto nothing = [](int64_t) { return cv::Mat(); };
  const cv::Mat blank =
      DrawPreference({PreferenceOf("net", TwoSets(), 4, nothing)}, {"first", "second"});
  EXPECT_EQ(blank.size(), one.size());
  EXPECT_GT(Count(blank, BlankColor()), Count(one, BlankColor()));
}

}  // namespace
}  // namespace netdissect
