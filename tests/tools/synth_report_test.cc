#include "tools/synth_report.h"

#include <gtest/gtest.h>

#include <set>

#include "base/scratch.h"
#include "netdissect/data/decode.h"

namespace netdissect {
namespace {

TEST(SyntheticReport, TableIsSortedByInstancesAndNamesCategories) {
  const SyntheticWorld& world = TheSyntheticWorld();
  SyntheticSetResult result;
  result.images = 40;
  result.classes.resize(world.classes.size());
  const auto at = [&](const char* name) -> SyntheticCount& {
    return result.classes[static_cast<size_t>(world.ClassIndex(name))];
  };
  at("bed") = {10, 10};
  at("person") = {30, 55};
  at("desk") = {7, 20};
  const Table table = FrequencyTable(result);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"person", "1", "55", "30", "75.0%", ""}));
  EXPECT_EQ(table.rows[1],
            (std::vector<std::string>{"desk", "2", "20", "7", "17.5%", "office, classroom"}));
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"bed", "3", "10", "10", "25.0%", "bedroom"}));
}

TEST(SyntheticReport, EveryClassHasItsColor) {
  cv::Mat classes(1, 256, CV_8U);
  for (int i = 0; i < 256; ++i) classes.at<uchar>(0, i) = static_cast<uchar>(i);
  const cv::Mat colors = ColorOfClasses(classes);
  EXPECT_EQ(colors.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 0));
  std::set<std::tuple<int, int, int>> seen;
  const size_t count = TheSyntheticWorld().classes.size();
  for (size_t i = 0; i <= count; ++i) {
    const cv::Vec3b c = colors.at<cv::Vec3b>(0, static_cast<int>(i));
    seen.insert({c[0], c[1], c[2]});
  }
  EXPECT_EQ(seen.size(), count + 1);
}

TEST(SyntheticReport, SheetsShowThePicturesOfTheSet) {
  const ScratchFolder scratch;
  SyntheticSetOptions options;
  options.picture.size = 64;
  options.train = 0;
  options.val = 17;
  options.jpeg_quality = 100;
  WriteSyntheticSets(scratch.path(), options);
  const Dataset set = LoadDataset(scratch.path() / "scenes.json");
  const cv::Mat one = SceneSheet(set, 1), two = SceneSheet(set, 2);
  // Pictures stand in the first category's row, below its caption.
  const auto shows = [](const cv::Mat& sheet, int x, const ImageEntry& entry) {
    const cv::Mat picture = DecodeImage(entry.path);
    for (int y = 0; y < 60; ++y) {
      if (cv::norm(sheet(cv::Rect(x, y, 64, 64)), picture, cv::NORM_INF) == 0) return true;
    }
    return false;
  };
  EXPECT_TRUE(shows(one, 12, set.images[0]));
  EXPECT_TRUE(shows(two, 12, set.images[0]));
  EXPECT_TRUE(shows(two, 12 + 64 + 3, set.images[16]));
  EXPECT_FALSE(shows(one, 12 + 64 + 3, set.images[16]));
  EXPECT_GE(one.rows, 4 * 2 * 64);
  EXPECT_GE(ObjectSheet(LoadDataset(scratch.path() / "objects.json")).rows, 3 * 64);
  Dataset bare = set;
  bare.annotations.reset();
  EXPECT_TRUE(HasAll(ErrorOf([&] { SceneSheet(bare); }), {"label maps"}));
}

}  // namespace
}  // namespace netdissect
