#include "synth_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "netdissect/data/decode.h"
#include "report/figure.h"
#include "report/lettering.h"
#include "report/palette.h"

namespace netdissect {
namespace {

std::vector<std::string> InformedCategories(int class_index) {
  std::vector<std::string> names;
  for (const SyntheticCategory& category : TheSyntheticWorld().categories) {
    for (const SyntheticPresence& presence : category.objects) {
      if (presence.informative && presence.class_index == class_index) {
        names.push_back(category.name);
      }
    }
  }
  return names;
}

// Blocks of one size, so many in a row.
cv::Mat Grid(const std::vector<cv::Mat>& blocks, size_t columns, int gap) {
  std::vector<cv::Mat> rows;
  for (size_t i = 0; i < blocks.size(); i += columns) {
    const auto first = blocks.begin() + static_cast<std::ptrdiff_t>(i);
    const auto count = std::min(columns, blocks.size() - i);
    rows.push_back(Row({first, first + static_cast<std::ptrdiff_t>(count)}, gap));
  }
  return Column(rows, gap);
}

// At a size that sheets have room for.
cv::Mat Shown(const cv::Mat& picture) {
  constexpr int kLargest = 160;
  if (picture.cols <= kLargest) return picture;
  cv::Mat small;
  cv::resize(picture, small, {kLargest, kLargest}, 0, 0, cv::INTER_AREA);
  return small;
}

cv::Mat LabelMapOf(const Dataset& set, const ImageEntry& entry) {
  if (!set.annotations) Fail("{}: expected a set with label maps, found none", set.name);
  const Path path =
      set.annotations->root /
      Path(entry.name.substr(set.annotations->strip.size())).replace_extension(".png");
  const cv::Mat map = cv::imread(path.string(), cv::IMREAD_GRAYSCALE);
  if (map.empty()) Fail("{}: expected a label map, found none that can be read", path.string());
  return map;
}

// For each label that has images a captioned row of the first few, as `draw` shows them.
std::vector<cv::Mat> BlocksOf(const Dataset& set, int examples,
                              const std::function<cv::Mat(const ImageEntry&)>& draw) {
  std::vector<std::vector<cv::Mat>> rows(set.labels.size());
  for (const ImageEntry& entry : set.images) {
    if (entry.label < 0) continue;
    std::vector<cv::Mat>& row = rows[static_cast<size_t>(entry.label)];
    if (row.size() < static_cast<size_t>(examples)) row.push_back(draw(entry));
  }
  std::vector<cv::Mat> blocks;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].empty()) blocks.push_back(Captioned(Row(rows[i], 3), set.labels[i], 14));
  }
  return blocks;
}

// A coloured square and its class for each class of the scenes.
cv::Mat Legend(int width) {
  constexpr int kCell = 150;
  TextStyle style;
  style.size = 12;
  std::vector<cv::Mat> cells;
  const std::vector<SyntheticClass>& classes = TheSyntheticWorld().classes;
  for (size_t i = 0; i < classes.size(); ++i) {
    if (!classes[i].in_scenes) continue;
    const cv::Vec3b color = DistinctColor(static_cast<int>(i));
    cv::Mat cell(18, kCell, CV_8UC3, PaperColor());
    cell(cv::Rect(0, 2, 14, 14)).setTo(cv::Scalar(color[0], color[1], color[2]));
    WriteText(cell, Shortened(classes[i].name, kCell - 22, style), {20, 14}, style);
    cells.push_back(cell);
  }
  return Grid(cells, static_cast<size_t>(std::max(1, (width + 4) / (kCell + 4))), 4);
}

}  // namespace

cv::Mat ColorOfClasses(const cv::Mat& classes) {
  cv::Mat colors(classes.size(), CV_8UC3, cv::Scalar(0, 0, 0));
  std::vector<cv::Vec3b> table(256);
  for (int i = 1; i < 256; ++i) table[static_cast<size_t>(i)] = DistinctColor(i - 1);
  table[0] = {0, 0, 0};
  for (int y = 0; y < classes.rows; ++y) {
    for (int x = 0; x < classes.cols; ++x) {
      colors.at<cv::Vec3b>(y, x) = table[classes.at<uchar>(y, x)];
    }
  }
  return colors;
}

cv::Mat SceneSheet(const Dataset& scenes, int examples) {
  const auto with_map = [&](const ImageEntry& entry) {
    return Column(
        {Shown(DecodeImage(entry.path)), Shown(ColorOfClasses(LabelMapOf(scenes, entry)))}, 3);
  };
  const cv::Mat grid = Grid(BlocksOf(scenes, examples, with_map), 4, 14);
  return Framed(Column({grid, Legend(grid.cols)}, 18));
}

cv::Mat ObjectSheet(const Dataset& objects, int examples) {
  const auto alone = [](const ImageEntry& entry) { return Shown(DecodeImage(entry.path)); };
  return Framed(Grid(BlocksOf(objects, examples, alone), 6, 10));
}

Table FrequencyTable(const SyntheticSetResult& result) {
  std::vector<int> order;
  for (size_t i = 0; i < result.classes.size(); ++i) {
    if (result.classes[i].instances > 0) order.push_back(static_cast<int>(i));
  }
  const auto count = [&](int i) { return result.classes[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return count(a).instances > count(b).instances; });
  Table table;
  table.header = {"class", "rank", "instances", "images", "share", "informative for"};
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const int i = order[rank];
    table.rows.push_back({TheSyntheticWorld().classes[static_cast<size_t>(i)].name,
                          std::to_string(rank + 1), std::to_string(count(i).instances),
                          std::to_string(count(i).images),
                          fmt::format("{:.1f}%", 100.0 * static_cast<double>(count(i).images) /
                                                     static_cast<double>(result.images)),
                          Join(InformedCategories(i))});
  }
  return table;
}

}  // namespace netdissect
