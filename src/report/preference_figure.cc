#include "report/preference_figure.h"

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "report/canvas.h"
#include "report/figure.h"
#include "report/palette.h"

namespace netdissect {
namespace {

constexpr int kPicture = 76;    // pixels, without the frame
constexpr int kFrame = 4;       // pixels
constexpr size_t kPerLine = 6;  // pictures beside each other

cv::Mat TileOf(const cv::Mat& picture) {
  if (picture.empty()) return {kPicture, kPicture, CV_8UC3, BlankColor()};
  const bool smaller = picture.rows < kPicture || picture.cols < kPicture;
  cv::Mat tile;
  cv::resize(picture, tile, {kPicture, kPicture}, 0, 0,
             smaller ? cv::INTER_LINEAR : cv::INTER_AREA);
  return tile;
}

cv::Mat WithFrame(const cv::Mat& tile, size_t set) {
  cv::Mat framed;
  cv::copyMakeBorder(tile, framed, kFrame, kFrame, kFrame, kFrame, cv::BORDER_CONSTANT,
                     SeriesColor(set));
  return framed;
}

// "pool5: imagenet 2%, places 98%"
std::string CaptionOf(const PreferenceRow& row, const std::vector<std::string>& sets) {
  std::string caption = row.layer;
  for (size_t i = 0; i < sets.size(); ++i) {
    caption += fmt::format("{}{} {:.0f}%", i == 0 ? ": " : ", ", sets[i], 100 * row.share.at(i));
  }
  return caption;
}

cv::Mat DrawRow(const PreferenceRow& row, const std::vector<std::string>& sets) {
  std::vector<cv::Mat> lines, line;
  for (size_t i = 0; i < row.pictures.size(); ++i) {
    line.push_back(WithFrame(row.pictures[i], row.sets[i]));
    if (line.size() == kPerLine || i + 1 == row.pictures.size()) {
      lines.push_back(Row(line, 3));
      line.clear();
    }
  }
  const cv::Mat pictures =
      lines.empty() ? cv::Mat(kPicture, kPicture, CV_8UC3, PaperColor()) : Column(lines, 3);
  return Captioned(pictures, CaptionOf(row, sets), 14);
}

// A square of each set's colour before its name.
cv::Mat DrawLegend(const std::vector<std::string>& sets) {
  constexpr int kSquare = 14;
  std::vector<cv::Mat> entries;
  TextStyle style;
  style.size = 14;
  for (size_t i = 0; i < sets.size(); ++i) {
    const int width = static_cast<int>(std::ceil(TextWidth(sets[i], style))) + 2;
    const int height = std::max(LineHeight(style), kSquare);
    cv::Mat text(height, width, CV_8UC3, PaperColor());
    WriteText(text, sets[i], {0, static_cast<double>(Ascent(style))}, style);
    const cv::Mat square(kSquare, kSquare, CV_8UC3, SeriesColor(i));
    entries.push_back(Row({square, text}, 6));
  }
  return Row(entries, 24);
}

}  // namespace

PreferenceColumn PreferenceOf(const std::string& network, const RecordResult& record, size_t count,
                              const std::function<cv::Mat(int64_t image)>& picture_of) {
  PreferenceColumn column{network, {}};
  std::map<int64_t, cv::Mat> tiles;  // layers share images
  for (const RecordedLayer& layer : record.layers) {
    PreferenceRow row{layer.name, SetShare(record, layer), {}, {}};
    for (size_t i = 0; i < std::min(count, layer.top_images.size()); ++i) {
      const int64_t image = layer.top_images[i].image;
      const auto [known, is_new] = tiles.try_emplace(image);
      if (is_new) known->second = TileOf(picture_of(image));
      row.pictures.push_back(known->second);
      row.sets.push_back(static_cast<size_t>(record.images.SetOf(image)));
    }
    column.rows.push_back(std::move(row));
  }
  return column;
}

cv::Mat DrawPreference(const std::vector<PreferenceColumn>& columns,
                       const std::vector<std::string>& sets) {
  std::vector<cv::Mat> drawn;
  for (const PreferenceColumn& column : columns) {
    std::vector<cv::Mat> rows;
    for (const PreferenceRow& row : column.rows) rows.push_back(DrawRow(row, sets));
    if (rows.empty()) continue;
    drawn.push_back(Captioned(Column(rows, 10), column.network, 18));
  }
  if (drawn.empty()) return {};
  return Framed(Column({DrawLegend(sets), Row(drawn, 28)}, 14));
}

}  // namespace netdissect
